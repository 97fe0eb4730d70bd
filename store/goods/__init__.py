"""What cases with goods need: parcels, inspections, stock, repairs, and what a buyer owes."""

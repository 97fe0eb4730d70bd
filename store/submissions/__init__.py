"""What buyers say: reviews and feedback, from coming in to what they add up to."""

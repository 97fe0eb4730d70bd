"""What the speed claims rest on: `make bench`, against a platform that runs on this machine, and
`make bench-ratings`.
"""

"""What a stack costs, compared with a hand-written program for the same objects: measured in turns on one double."""

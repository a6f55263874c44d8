"""Charts that people interact with, and pictures that stand still."""

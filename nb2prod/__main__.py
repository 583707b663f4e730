"""`python -m nb2prod`."""

from nb2prod.cli import program

if __name__ == "__main__":
    program()

"""Prints which share of the pixels of two pictures differs: more than a date and the edges of letters is another page.

    likeness.py ONE OTHER
"""

import sys

from PIL import Image, ImageChops

# Of 255, in any colour: what another rendering of the same edge of a letter may differ by.
EDGE = 48


def main() -> None:
    one, other = (Image.open(path).convert("RGB") for path in sys.argv[1:])
    if one.size != other.size:
        print(1.0)
        return
    bands = ImageChops.difference(one, other).split()
    most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    histogram = most.histogram()
    print(sum(histogram[EDGE:]) / sum(histogram))


if __name__ == "__main__":
    main()

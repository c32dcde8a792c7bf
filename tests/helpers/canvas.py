"""Find the marks of a chart on a canvas by their colour, and point at them."""

from __future__ import annotations

import json
import time

# Seconds; machines are busy.
PATIENCE = 60
# Below a chart's title and legend, which have the colours of the bars too.
HEAD = 70

_FIND = """(canvas, [colour, head]) => {
    const scale = canvas.width / canvas.getBoundingClientRect().width;
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const found = [];
    for (let y = head * scale; y < canvas.height; y++)
        for (let x = 0; x < canvas.width; x++) {
            const at = 4 * (Math.round(y) * canvas.width + x);
            if (colour.every((part, place) => Math.abs(data[at + place] - part) < 4))
                found.push([x / scale, y / scale]);
        }
    // As text: playwright looks at each number of a list.
    return JSON.stringify(found);
}"""


def painted(canvas, colour, head=HEAD):
    """The places, in pixels of the page from the canvas' corner, that have a colour, once they stay the same."""
    parts = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    canvas.scroll_into_view_if_needed()
    end, before = time.monotonic() + PATIENCE, None
    while True:
        canvas.page.wait_for_timeout(200)
        found = json.loads(canvas.evaluate(_FIND, [parts, head]))
        if found and found == before:
            return found
        if time.monotonic() > end:
            message = f"nothing of the colour {colour} was drawn, or it moves"
            raise AssertionError(message)
        before = found


def blended(colour, opacity):
    """Return the appearance of a colour on a white page."""
    parts = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    return "#" + "".join(f"{round(255 + (part - 255) * opacity):02x}" for part in parts)


def click_first(canvas, colour, head=HEAD):
    """Click into the topmost thing of a colour, the rightmost where there are several."""
    places = painted(canvas, colour, head)
    top = min(y for _, y in places)
    x, y = max(place for place in places if place[1] < top + 12)
    canvas.click(position={"x": x - 3, "y": y})


def brush(canvas, colour, *, last=False):
    """Drag over the leftmost, or the rightmost, thing of a colour."""
    places = painted(canvas, colour)
    columns = sorted({x for x, _ in places})
    gaps = [place for place in range(1, len(columns)) if columns[place] - columns[place - 1] > 3]
    start, end = (gaps[-1], len(columns)) if last and gaps else (0, gaps[0] if gaps else len(columns))
    box = canvas.bounding_box()
    y = box["y"] + max(y for _, y in places) - 2
    page = canvas.page
    page.mouse.move(box["x"] + columns[start] + 2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + columns[end - 1] - 2, y - 1, steps=6)
    page.mouse.up()

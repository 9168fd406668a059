"""Sheets of pictures: what the lesson pages and the evaluation of the tiny model draw with."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from grader.tinyworld.drawing import PICTURE_SIZE, Description, Words


def one_thing(shape: str, colour: str, place: str, background: str, size: str | None = None) -> Description:
    """Return the description of one thing, as in "a big red circle on the left on white"."""
    return Description((Words(shape, colour, size, place),), background)


def gray_picture(values: Tensor) -> Image.Image:
    """Return values from 0 (black) to 1 (white), `[h, w]`, as a picture of the size of the drawn ones."""
    picture = Image.fromarray((values * 255).byte().numpy()).convert("RGB")
    return picture.resize((PICTURE_SIZE, PICTURE_SIZE), Image.Resampling.NEAREST)


def picture_table(rows: Sequence[Sequence[Image.Image]], heads: Sequence[str], labels: Sequence[str]) -> Image.Image:
    """Lay pictures out in rows under `heads`, each row with its label under it."""
    tile, head, label = 96, 16, 18
    sheet = Image.new("RGB", (len(heads) * (tile + 6), head + len(rows) * (tile + label)), "white")
    for column, text in enumerate(heads):
        write(sheet, (column * (tile + 6), 1), text, tile)
    for index, (row, text) in enumerate(zip(rows, labels, strict=True)):
        y = head + index * (tile + label)
        for column, picture in enumerate(row):
            sheet.paste(picture.resize((tile, tile), Image.Resampling.NEAREST), (column * (tile + 6), y))
        write(sheet, (0, y + tile + 1), text, sheet.width)
    return sheet


def write(sheet: Image.Image, at: tuple[int, int], text: str, width: int, colour: str = "black") -> None:
    """Write a text onto a sheet, with its top left corner at a pixel, broken into lines of at most this width."""
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=11)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if pen.textlength(longer, font=font) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    pen.multiline_text(at, "\n".join(lines), fill=colour, font=font, spacing=2)

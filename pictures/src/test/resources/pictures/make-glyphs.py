"""Makes glyphs.png of the package picture: ASCII in Aileron (CC0), the font that Pillow brings."""
import sys

from PIL import Image, ImageDraw, ImageFont

CELL, HEIGHT = 14, 16
font = ImageFont.load_default(size=12)
strip = Image.new("L", (CELL * 95, HEIGHT), 255)
for index in range(95):
    cell = Image.new("L", (CELL, HEIGHT), 255)
    left = font.getbbox(chr(32 + index))[0]
    ImageDraw.Draw(cell).text((-left, 1), chr(32 + index), font=font, fill=0)
    strip.paste(cell, (index * CELL, 0))
strip.convert("RGB").quantize(16).save(sys.argv[1], optimize=True)

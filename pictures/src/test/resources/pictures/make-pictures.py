"""Makes texts.png, upright-*, ycck.jpg and palette-alpha.png with Pillow; see README.md."""
import os

from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

HERE = os.path.dirname(os.path.abspath(__file__))
FLIP = Image.Transpose
# What an EXIF orientation asks a reader to do, undone.
UNDO = {1: None, 2: FLIP.FLIP_LEFT_RIGHT, 3: FLIP.ROTATE_180, 4: FLIP.FLIP_TOP_BOTTOM,
        5: FLIP.TRANSPOSE, 6: FLIP.ROTATE_90, 7: FLIP.TRANSVERSE, 8: FLIP.ROTATE_270}


def path(name):
    return os.path.join(HERE, name)


texts = PngInfo()
texts.add_text("parameters", "a cat, \u00e9\nSteps: 20")
texts.add_text("packed", "p" * 200, zip=True)
texts.add_itxt("international", "\u732b")
texts.add_itxt("both", "\u72ac" * 200, zip=True)
Image.new("RGB", (3, 2), (51, 102, 153)).save(path("texts.png"), pnginfo=texts)

upright = Image.new("RGB", (32, 16), (200, 100, 50))
upright.paste((20, 60, 220), (16, 0, 32, 8))
upright.paste((40, 180, 60), (0, 8, 16, 16))
upright.paste((240, 240, 240), (16, 8, 32, 16))
for orientation, undo in UNDO.items():
    stored = upright if undo is None else upright.transpose(undo)
    exif = Image.Exif()
    exif[0x0112] = orientation
    names = [f"upright-{orientation}.jpg"]
    if orientation == 6:
        names += ["upright-6.png", "upright-6.webp", "upright-6.tiff"]
    for name in names:
        options = {"quality": 95, "subsampling": 0} if name.endswith("jpg") else {}
        if name.endswith("webp"):
            options = {"lossless": True}
        stored.save(path(name), exif=exif, **options)
        with Image.open(path(name)) as back:
            turned = ImageOps.exif_transpose(back).convert("RGB")
            assert turned.size == (32, 16), name
            for at in ((4, 4), (28, 4), (4, 12), (28, 12)):
                want = upright.getpixel(at)
                assert max(abs(a - b) for a, b in zip(turned.getpixel(at), want)) < 4, (name, at)

# Pillow writes CMYK as it is. The same samples marked as YCCK in the Adobe segment, chosen so that
# they stand for the ink of cmyk.jpg.
ink = (51, 153, 204, 26)
red, green, blue = ink[:3]
luma = round(0.299 * red + 0.587 * green + 0.114 * blue)
cb = round(128 - 0.168736 * red - 0.331264 * green + 0.5 * blue)
cr = round(128 + 0.5 * red - 0.418688 * green - 0.081312 * blue)
samples = (255 - luma, 255 - cb, 255 - cr, ink[3])  # Pillow inverts them, as Adobe does
Image.new("CMYK", (16, 16), samples).save(path("ycck.jpg"), quality=95)
data = bytearray(open(path("ycck.jpg"), "rb").read())
adobe = data.index(b"Adobe")
assert data[adobe + 11] == 0
data[adobe + 11] = 2
open(path("ycck.jpg"), "wb").write(data)
with Image.open(path("ycck.jpg")) as back:
    assert all(abs(a - b) <= 2 for a, b in zip(back.getpixel((8, 8)), ink)), back.getpixel((8, 8))

clear = Image.new("P", (8, 6), 0)
clear.putpalette([200, 100, 50, 20, 60, 220])
clear.paste(1, (4, 0, 8, 6))
clear.save(path("palette-alpha.png"), transparency=0)

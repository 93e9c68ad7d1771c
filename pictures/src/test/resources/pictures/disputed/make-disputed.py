"""Right pixels of files that readers disagree about, by Pillow: colours in sRGB, transparency on white.

Run: python make-disputed.py   (in this folder; needs pillow)
"""
import glob, io
from PIL import Image, ImageCms, ImageFile

ImageFile.LOAD_TRUNCATED_IMAGES = False
Image.new("RGBA", (8, 6), (200, 100, 50, 51)).save("alpha-profile.png", icc_profile=open("swap.icc", "rb").read())
for name in ["i_swap.png", "i_swap.jpg", "t_assoc.tiff", "t_big.tiff", "alpha-profile.png"]:
    picture = Image.open(name)
    profile = picture.info.get("icc_profile")
    if picture.mode == "RGBa":
        picture = picture.convert("RGBA")
    if profile and picture.mode in ("RGB", "RGBA"):
        alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
        colours = ImageCms.profileToProfile(picture.convert("RGB"), io.BytesIO(profile), ImageCms.createProfile("sRGB"))
        if alpha:
            colours.putalpha(alpha)
        picture = colours
    if picture.mode == "RGBA":
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    picture.convert("RGB").save(name + ".expected.png")
for extension, save in (("avif", "AVIF"), ("jp2", "JPEG2000")):
    Image.new("RGB", (8, 6)).save("small." + extension, save)

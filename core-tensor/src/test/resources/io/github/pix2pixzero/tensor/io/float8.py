"""Every number of torch's two float8 types: as it is stored, and in float32.

Run: python float8.py OUT.safetensors   (needs torch, safetensors)
"""
import sys, torch
from safetensors.torch import save_file

bits = torch.arange(256, dtype=torch.uint8)
tensors = {"misc." + str(t).split(".")[1]: torch.tensor([[1, 2], [3, 4]]).to(t) for t in (
    torch.int8, torch.int16, torch.uint16, torch.uint32, torch.uint64, torch.complex64, torch.float8_e8m0fnu,
    torch.float8_e4m3fnuz, torch.float8_e5m2fnuz)}
for name, dtype in (("e4m3", torch.float8_e4m3fn), ("e5m2", torch.float8_e5m2)):
    tensors[name] = bits.clone().view(dtype)
    tensors[name + ".float32"] = bits.view(dtype).float()
save_file(tensors, sys.argv[1])

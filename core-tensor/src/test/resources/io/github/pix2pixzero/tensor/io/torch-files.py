"""Writes the .pt files of TorchTensorTest, with the PyTorch that is installed."""

import pathlib

import torch

here = pathlib.Path(__file__).parent
values = torch.arange(6).reshape(1, 2, 3) * 0.25 - 0.5
for name, dtype in [
    ("float32", torch.float32),
    ("float16", torch.float16),
    ("bfloat16", torch.bfloat16),
    ("float64", torch.float64),
]:
    torch.save(values.to(dtype), here / f"torch-{name}.pt")
torch.save((torch.arange(24.0).reshape(4, 6) * 0.25)[1:3, ::2].T, here / "torch-view.pt")
torch.save(values, here / "torch-protocol4.pt", pickle_protocol=4)
torch.save(values, here / "torch-legacy.pt", _use_new_zipfile_serialization=False)
torch.save({"weight": values}, here / "torch-dict.pt")
torch.save(torch.nn.Parameter(values), here / "torch-parameter.pt")

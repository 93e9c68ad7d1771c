"""Writes the .pt files of EditDirectionTest, with the PyTorch that is installed."""

import pathlib

import torch

here = pathlib.Path(__file__).parent
cat = torch.arange(6.0).reshape(1, 2, 3)
torch.save(cat, here / "cat.pt")
torch.save((3 - cat).half(), here / "dog.pt")

"""PyTorch's side of `./benchmark kernels --python`: KERNEL LAYOUT THREADS computes what the row of that name does.

The parent is asked on standard output and answers on standard input: "normal SEED COUNT" wants so many floats. After
"ready" the parent asks: "burst MILLISECONDS" computes for that long and answers "CALLS MILLISECONDS"; "result" answers
"COUNT" and the floats of all results, row-major and in the layouts of the Java side. Without arguments it says which
PyTorch this is.
"""

import re
import sys
import time

import torch


def tell(line):
    sys.stdout.buffer.write((line + "\n").encode())
    sys.stdout.buffer.flush()


def normal(seed, *shape):
    count = torch.Size(shape).numel()
    tell(f"normal {seed} {count}")
    return torch.frombuffer(bytearray(sys.stdin.buffer.read(4 * count)), dtype=torch.float32).reshape(shape)


def same(result):
    return result


def gradient(f, x, grad_out):
    """Without the forward pass, whose graph is kept."""
    x = x.requires_grad_(True)
    output = f(x)
    return lambda: torch.autograd.grad(output, x, grad_out, retain_graph=True)


def forward_or_gradient(f, x, which, grad_out):
    return gradient(f, x, grad_out()) if which == "backward" else lambda: (f(x),)


def matmul(layout, m, k, n):
    a, b, out = normal(1, m, k), normal(2, k, n), torch.empty(m, n)
    return lambda: (torch.mm(a, b, out=out),), same


def conv(layout, channels, more, size, which):
    out = more or channels
    memory = torch.channels_last if layout == "channels-last" else torch.contiguous_format
    x = normal(1, 1, size, size, channels).permute(0, 3, 1, 2).contiguous(memory_format=memory)
    weight = normal(2, 3, 3, channels, out).permute(3, 2, 0, 1).contiguous(memory_format=memory)
    if which == "forward":
        bias = normal(3, out)
        return lambda: (torch.nn.functional.conv2d(x, weight, bias, padding=1),), lambda y: y.permute(0, 2, 3, 1)
    grad_out = normal(4, 1, size, size, out).permute(0, 3, 1, 2).contiguous(memory_format=memory)
    of_input = which == "input gradient"

    def run():
        mask = [of_input, not of_input, False]
        both = torch.ops.aten.convolution_backward(
            grad_out, x, weight, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, mask
        )
        return (both[0] if of_input else both[1],)

    return run, lambda g: g.permute(0, 2, 3, 1) if of_input else g.permute(2, 3, 1, 0)


def attention(layout, kind, queries, keys, heads, width, backward):
    """In the open across, as the fused form has no probabilities to keep."""
    inner = heads * width
    q, k, v = normal(1, 1, queries, inner), normal(2, 1, keys, inner), normal(3, 1, keys, inner)

    def attend():
        a, b, c = (x.view(1, x.size(1), heads, width).transpose(1, 2) for x in (q, k, v))
        if kind == "cross":
            out = torch.softmax((a * width**-0.5) @ b.transpose(-2, -1), -1) @ c
        else:
            out = torch.nn.functional.scaled_dot_product_attention(a, b, c)
        return out.transpose(1, 2).reshape(1, queries, inner)

    if not backward:
        return lambda: (attend(),), same
    weights = normal(4, 1, queries, inner)
    for x in (q, k, v):
        x.requires_grad_(True)
    return lambda: torch.autograd.grad((attend() * weights).sum(), (q, k, v)), same


def group_norm(layout, channels, size, which):
    def channels_first(seed):
        return normal(seed, 1, size, size, channels).permute(0, 3, 1, 2).contiguous()

    x, gamma, beta = channels_first(1), normal(2, channels), normal(3, channels)

    def f(y):
        return torch.nn.functional.silu(torch.group_norm(y, 32, gamma, beta, 1e-5), inplace=which == "forward")

    return forward_or_gradient(f, x, which, lambda: channels_first(4)), lambda y: y.permute(0, 2, 3, 1)


def layer_norm(layout, rows, width, which):
    x, gamma, beta = normal(1, rows, width), normal(2, width), normal(3, width)

    def f(y):
        return torch.layer_norm(y, (width,), gamma, beta, 1e-5)

    return forward_or_gradient(f, x, which, lambda: normal(4, rows, width)), same


def geglu(layout, rows, width, which):
    """As diffusers computes it."""

    def f(y):
        value, gate = y.chunk(2, -1)
        return value * torch.nn.functional.gelu(gate)

    return forward_or_gradient(f, normal(1, rows, 2 * width), which, lambda: normal(4, rows, width)), same


def softmax(layout, rows, width, which):
    x = normal(1, rows, width)
    return forward_or_gradient(lambda y: torch.softmax(y, -1), x, which, lambda: normal(4, rows, width)), same


PASS = "(forward|backward)"
ROWS = {
    r"matmul (\d+)x(\d+)x(\d+)(?: frozen)?": matmul,
    r"conv 3x3 (\d+)(?:-(\d+))?@(\d+) (forward|input gradient|weight gradient)": conv,
    r"(self|cross)-attention (\d+)x(\d+) (\d+)x(\d+) forward( \+ backward)?": attention,
    r"group norm \+ SiLU (\d+)@(\d+) " + PASS: group_norm,
    r"layer norm (\d+)x(\d+) " + PASS: layer_norm,
    r"GEGLU (\d+)x(\d+) " + PASS: geglu,
    r"softmax (\d+)x(\d+) " + PASS: softmax,
}


def row(name, layout):
    for pattern, function in ROWS.items():
        match = re.fullmatch(pattern, name)
        if match:
            return function(layout, *(int(part) if part and part.isdigit() else part for part in match.groups()))
    raise SystemExit(f"there is no row {name}")


def serve(run, to_ours):
    tell("ready")
    for line in sys.stdin.buffer:
        command = line.split()
        if command[0] == b"burst":
            end = float(command[1]) / 1e3
            calls, start = 0, time.perf_counter()
            while calls == 0 or time.perf_counter() - start < end:
                run()
                calls += 1
            tell(f"{calls} {(time.perf_counter() - start) * 1e3}")
        else:
            results = [to_ours(result.detach()).contiguous().flatten() for result in run()]
            data = torch.cat(results).numpy().tobytes()
            tell(str(len(data) // 4))
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    if len(sys.argv) == 1:
        blas = "MKL" if torch.backends.mkl.is_available() else "a BLAS other than MKL"
        tell(f"{torch.__version__} of Python with {blas}")
    else:
        torch.set_num_threads(int(sys.argv[3]))
        torch.set_grad_enabled("backward" in sys.argv[1])
        serve(*row(sys.argv[1], sys.argv[2]))

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The peer of bench_mini: the same model in Python with PyTorch, sampled in batches with a cache of
keys and values, and trained, with the same shapes, on one thread. Prints tokens per second of
processor time. Needs PyTorch (Debian: python3-torch); the project itself does not.

    tests/bench/mini_peer.py
"""
import statistics
import time

import torch
import torch.nn.functional as F

# The same as in bench_mini.cpp.
REQUESTS, PROMPT, ANSWER = 256, 40, 40
EXAMPLES, EXAMPLE_LENGTH, TRAIN_BATCH = 640, 65, 16
REPEATS = 5
VOCABULARY, SEGMENTS, STEPS, OFFSETS = 323, 6, 9, 6
WIDTH, LAYERS, HEADS = 128, 4, 4
HEAD_WIDTH = WIDTH // HEADS


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm = torch.nn.LayerNorm(WIDTH)
        self.query_key_value = torch.nn.Linear(WIDTH, 3 * WIDTH)
        self.attention_out = torch.nn.Linear(WIDTH, WIDTH)
        self.feed_norm = torch.nn.LayerNorm(WIDTH)
        self.feed_in = torch.nn.Linear(WIDTH, 4 * WIDTH)
        self.feed_out = torch.nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x, mask, cache=None, begin=0):
        rows, columns, _ = x.shape
        qkv = self.query_key_value(self.attention_norm(x))
        q, k, v = qkv.view(rows, columns, 3, HEADS, HEAD_WIDTH).permute(2, 0, 3, 1, 4)
        if cache is not None:
            cache[0][:, :, begin : begin + columns] = k
            cache[1][:, :, begin : begin + columns] = v
            k = cache[0][:, :, : begin + columns]
            v = cache[1][:, :, : begin + columns]
        scores = torch.matmul(q * HEAD_WIDTH**-0.5, k.transpose(-2, -1))
        if mask is not None:
            scores = scores + mask
        mixed = torch.matmul(torch.softmax(scores, -1), v)
        x = x + self.attention_out(mixed.transpose(1, 2).reshape(rows, columns, WIDTH))
        inner = F.gelu(self.feed_in(self.feed_norm(x)), approximate="tanh")
        return x + self.feed_out(inner)


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.token = torch.nn.Embedding(VOCABULARY, WIDTH)
        self.segment = torch.nn.Embedding(SEGMENTS, WIDTH)
        self.step = torch.nn.Embedding(STEPS, WIDTH)
        self.offset = torch.nn.Embedding(OFFSETS, WIDTH)
        self.blocks = torch.nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = torch.nn.LayerNorm(WIDTH)
        self.head = torch.nn.Linear(WIDTH, VOCABULARY, bias=False)

    def forward(self, tokens, places, mask, caches=None, begin=0):
        x = self.token(tokens)
        x = x + self.segment(places[0]) + self.step(places[1]) + self.offset(places[2])
        for i, block in enumerate(self.blocks):
            x = block(x, mask, None if caches is None else caches[i], begin)
        return x


def causal(columns):
    return torch.full((columns, columns), float("-inf")).triu(1)


def some_places(rows, columns):
    # What a place is does not matter to the time.
    return [torch.zeros((rows, columns), dtype=torch.long)] * 3


@torch.inference_mode()
def sample(network, prompts, batch):
    written = 0
    for part in prompts.split(batch):
        rows = len(part)
        caches = [
            [torch.empty(rows, HEADS, PROMPT + ANSWER, HEAD_WIDTH) for _ in range(2)]
            for _ in range(LAYERS)
        ]
        x = network(part, some_places(rows, PROMPT), causal(PROMPT), caches)[:, -1:]
        places = some_places(rows, 1)
        answers = torch.empty((rows, ANSWER), dtype=torch.long)
        for i in range(ANSWER):
            logits = network.head(network.norm(x[:, 0]))
            tokens = torch.multinomial(torch.softmax(logits, -1), 1)
            answers[:, i] = tokens[:, 0]
            if i + 1 < ANSWER:
                x = network(tokens, places, None, caches, PROMPT + i)
        written += answers.numel()
    return written


def train(network, examples):
    optimiser = torch.optim.AdamW(network.parameters(), lr=6e-4, betas=(0.9, 0.98))
    read = EXAMPLE_LENGTH - 1
    mask = causal(read)
    learned = slice(EXAMPLE_LENGTH // 2 - 1, read)
    for part in examples.split(TRAIN_BATCH):
        x = network(part[:, :-1], some_places(len(part), read), mask)[:, learned]
        logits = network.head(network.norm(x))
        targets = part[:, 1:][:, learned]
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        loss.item()
    return len(examples) * read


def report(what, work):
    rates = []
    for _ in range(REPEATS):
        begin = time.process_time()
        tokens = work()
        rates.append(tokens / (time.process_time() - begin))
    print(f"{what:34} {statistics.median(rates):9.0f} tokens/s "
          f"({min(rates):.0f} to {max(rates):.0f})", flush=True)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(1)
    network = Network()
    print(f"PyTorch {torch.__version__}, {sum(p.numel() for p in network.parameters())} weights")
    prompts = torch.randint(VOCABULARY, (REQUESTS, PROMPT))
    for batch in (1, 16, 64):
        count = 16 if batch == 1 else REQUESTS
        report(f"sampling, batch {batch}", lambda: sample(network, prompts[:count], batch))
    examples = torch.randint(VOCABULARY, (EXAMPLES, EXAMPLE_LENGTH))
    report("training, batch 16 of 64", lambda: train(network, examples))


if __name__ == "__main__":
    main()

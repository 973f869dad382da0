#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a chat server as fast as an asyncio program with aiohttp can, and stores nothing.

aiohttp_client.py URL BODY_FILE REQUESTS IN_FLIGHT: posts the body, reads each answer to its end and
parses it (an event stream event by event), and prints completions a second.
"""
import asyncio
import json
import sys
import time

import aiohttp


async def ask(session, url, body):
    headers = {"Content-Type": "application/json"}
    async with session.post(url + "/chat/completions", data=body, headers=headers) as answer:
        if answer.content_type != "text/event-stream":
            return (await answer.json())["choices"][0]["message"]["content"]
        text = []
        async for line in answer.content:
            if line.startswith(b"data: {"):
                choices = json.loads(line[6:])["choices"]
                if choices:
                    text.append(choices[0]["delta"].get("content") or "")
        return "".join(text)


async def main(url, body, requests, in_flight):
    left = iter(range(requests))

    async def worker(session):
        for _ in left:
            if not await ask(session, url, body):
                raise RuntimeError("an empty answer")

    connector = aiohttp.TCPConnector(limit=in_flight)
    async with aiohttp.ClientSession(connector=connector) as session:
        begin = time.monotonic()
        await asyncio.gather(*(worker(session) for _ in range(in_flight)))
        print(round(requests / (time.monotonic() - begin)))


if __name__ == "__main__":
    with open(sys.argv[2], "rb") as file:
        asyncio.run(main(sys.argv[1], file.read(), int(sys.argv[3]), int(sys.argv[4])))

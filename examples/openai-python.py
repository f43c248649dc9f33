"""One streamed completion with the official SDK: pip install openai && python openai-python.py [http://127.0.0.1:8787/v1]"""

import sys

from openai import OpenAI

# The proxy pays, so there is no key: the SDK only wants one to be set. A repeat is a purchase, so the SDK is told to make none.
base_url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8787/v1"
client = OpenAI(base_url=base_url, api_key="unused", max_retries=0)

response = client.chat.completions.with_raw_response.create(
    model="google/gemini-3-flash-preview",
    stream=True,
    max_tokens=200,
    messages=[{"role": "user", "content": "Say hello in one sentence."}],
)
for chunk in response.parse():
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
print(f"\ncost {response.headers['x-blockrun-proxy-booked-cost-usd']} USD")

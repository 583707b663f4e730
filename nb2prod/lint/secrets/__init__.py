"""Secrets in text: where they stand, and how to speak of them without saying them.

1. `formats` reads `knowledge/secrets.toml`: tokens that tell by their form whose they are, names that hold secrets,
   and what merely stands for one.
2. `random_text` tells what a machine drew from what a person wrote, and from hashes, ids and encoded images.
3. `placeholders` knows `your-api-key`, `changeme`, `xxx` and the samples of public documentation.
4. `named` knows by a name (`client_secret`, `DB_PASSWORD`) whether a secret is to be expected behind it.
5. `find` puts them together for any text: a cell's source, a log, HTML, a traceback, JSON with its escapes undone.
6. `mask` hides what was found: no report, fix or file of ours repeats a secret whole.
"""

"""Writers: from what a pipeline is to the text of the files that carry it.

Each module here has one noun: a CI workflow, a Dockerfile, a list of requirements. A writer takes frozen
records and returns text; it reads no file, starts no process and asks no clock, so the same records give the
same bytes.

1. `recipe` says what a machine must know to check and to reproduce one pipeline, and the commands that do it;
2. `requirements` says which distributions that needs, and how to install them from the lock that there is;
3. `github`, `gitlab` and `dockerfile` each tell that recipe to one engine;
4. `yaml_text` turns data into YAML, for these and for every other generated file.
"""

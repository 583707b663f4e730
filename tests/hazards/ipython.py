"""What IPython adds to Python."""

from __future__ import annotations

from hazards.hazard import Hazard

HAZARDS = (
    Hazard(
        "a file written and read by the shell",
        r"""
# %% stage:a
!echo hi > f.txt
# %% stage:b
t = !cat f.txt
print(t)
""",
        stages=2,
    ),
    Hazard(
        "a module written by a cell",
        r"""
# %% stage:a
%%writefile modx.py
V=4
# %% stage:b
import modx
print(modx.V)
""",
        stages=2,
    ),
    Hazard(
        "the last result by underscore",
        r"""
# %% stage:a
5+3
# %% stage:b
print(_)
""",
        stages=1,
    ),
    Hazard(
        "a top-level await",
        r"""
# %% stage:a
import asyncio
async def f(): return 4
x = await f()
# %% stage:b
print(x, await f())
""",
        stages=2,
    ),
    Hazard(
        "a timed cell that binds a name",
        r"""
# %% stage:a
%%time
x=[1]
x.append(2)
# %% stage:b
print(x)
""",
        stages=2,
    ),
    Hazard(
        "a timed line that binds a name",
        r"""
# %% stage:a
%time x=sum([1,2])
# %% stage:b
print(x)
""",
        stages=2,
    ),
    Hazard(
        "captured output",
        r"""
# %% stage:a
%%capture out
print('inside')
y=[3]
# %% stage:b
print(repr(out.stdout), y)
""",
        stages=1,
    ),
    Hazard(
        "a cell run many times",
        r"""
# %% stage:a
x=[1,2]
# %% stage:b
%%timeit -n 1 -r 1
z=sum(x)
# %% stage:c
print('z' in globals(), x)
""",
        stages=3,
    ),
    Hazard(
        "a measured line whose result is kept",
        r"""
# %% stage:a
xs=[3,1]
r=%timeit -n 1 -r 1 -q -o sorted(xs)
# %% stage:b
print(r.loops)
""",
        stages=1,
    ),
    Hazard(
        "a shell's answer as a list",
        r"""
# %% stage:a
n=2
lines=!printf 'a\nb\n'
echoed=!echo {n+1} $n
# %% stage:b
print(lines.n, echoed, list(lines))
""",
        stages=2,
    ),
    Hazard(
        "a magic's answer",
        r"""
# %% stage:a
%env NB_MAGIC=5
answer=%env NB_MAGIC
# %% stage:b
print(answer)
""",
        stages=1,
    ),
    Hazard(
        "help by a question mark",
        r"""
# %% stage:a
x=1
x?
# %% stage:b
print(x)
""",
        stages=2,
    ),
    Hazard(
        "automagic",
        r"""
# %% stage:a
mkdir made_by_magic
# %% stage:b
open('made_by_magic/f','w').write('1')
# %% stage:c
cat made_by_magic/f
""",
        stages=3,
    ),
    Hazard(
        "results by number",
        r"""
# %% stage:a
[1,2]
# %% stage:b
Out[1].append(3)
# %% stage:c
print(Out[1], _1)
""",
        stages=1,
        verdict="refused",
    ),
    Hazard(
        "the text of earlier cells",
        r"""
# %% stage:a
x=1
# %% stage:b
print(In[1], len(In))
""",
        stages=1,
        verdict="refused",
    ),
    Hazard(
        "displayed, not returned",
        r"""
# %% stage:a
from IPython.display import display, Markdown, HTML
x={'a':1}
# %% stage:b
display(x, Markdown('**b**'))
HTML('<b>x</b>')
""",
        stages=2,
    ),
    Hazard(
        "a display that is updated later",
        r"""
# %% stage:a
from IPython.display import display
h=display('old',display_id='d1')
# %% stage:b
h.update('new')
print(h.display_id)
""",
        stages=1,
    ),
    Hazard(
        "awaiting in three stages",
        r"""
# %% stage:a
import asyncio
async def get(x):
    await asyncio.sleep(0)
    return x
# %% stage:b
xs=await asyncio.gather(get(1),get(2))
# %% stage:c
async def agen():
    for x in xs: yield x
print([x async for x in agen()])
""",
        stages=3,
    ),
    Hazard(
        "a script that is run",
        r"""
# %% stage:a
base=4
%run -i script.py
# %% stage:b
print(result, other)
""",
        stages=2,
        beside={"script.py": "result = base + 1\nother = [result]\n"},
    ),
    Hazard(
        "a script that is run by itself",
        r"""
# %% stage:a
%run script.py
# %% stage:b
print(v)
""",
        stages=2,
        beside={"script.py": "v = 7\nprint(__name__)\n"},
    ),
    Hazard(
        "an extension that is loaded",
        r"""
# %% stage:a
%load_ext ext_x
# %% stage:b
print(from_ext)
""",
        stages=2,
        beside={"ext_x.py": 'def load_ipython_extension(ip):\n    ip.push({"from_ext": 5})\n'},
    ),
    Hazard(
        "a magic of one's own",
        r"""
# %% stage:a
from IPython.core.magic import register_line_magic
@register_line_magic
def shout(line): return line.upper()
# %% stage:b
x=%shout hey
# %% stage:c
print(x)
""",
        stages=2,
    ),
    Hazard(
        "stored and brought back",
        r"""
# %% stage:a
kept=[1,2]
%store kept
del kept
# %% stage:b
%store -r kept
# %% stage:c
print(kept)
""",
        stages=2,
    ),
    Hazard(
        "a shell cell that writes a file",
        r"""
# %% stage:a
%%bash
echo one > b.txt
echo two >> b.txt
# %% stage:b
print(open('b.txt').read())
""",
        stages=2,
    ),
    Hazard(
        "a shell cell whose output is kept",
        r"""
# %% stage:a
%%bash --out text
echo hi
# %% stage:b
print(repr(text))
""",
        stages=2,
    ),
    Hazard(
        "a module written anew",
        r"""
# %% stage:a
%%writefile mod_y.py
V=1
# %% stage:b
import mod_y
x=mod_y.V
# %% stage:c
%%writefile mod_y.py
V=2
# %% stage:d
import importlib
importlib.reload(mod_y)
print(x, mod_y.V)
""",
        stages=1,
    ),
    Hazard(
        "a question to the user",
        r"""
# %% stage:a
name=input('who? ')
# %% stage:b
print(name)
""",
        verdict="refused",
    ),
    Hazard(
        "everything is forgotten",
        r"""
# %% stage:a
x=1
# %% stage:b
%reset -f
y=2
# %% stage:c
print('x' in globals(), y)
""",
        stages=3,
        verdict="refused",
    ),
    Hazard(
        "a cell run by the shell object",
        r"""
# %% stage:a
get_ipython().run_cell('w=[4]')
# %% stage:b
print(w)
""",
        stages=2,
        verdict="refused",
    ),
    Hazard(
        "the shell's namespace",
        r"""
# %% stage:a
get_ipython().user_ns['hid']=[6]
# %% stage:b
print(hid)
""",
        stages=2,
    ),
    Hazard(
        "a captured shell call of the shell object",
        r"""
# %% stage:a
o=get_ipython().getoutput('echo 5')
# %% stage:b
print(int(o[0]))
""",
        stages=2,
    ),
    Hazard(
        "Python in a process of its own",
        r"""
# %% stage:a
%%python
open('p.txt','w').write('p')
# %% stage:b
print(open('p.txt').read())
""",
        stages=2,
    ),
    Hazard(
        "a macro",
        r"""
# %% stage:a
q=1
# %% stage:b
%macro -q add_one 1
# %% stage:c
print(type(add_one).__name__)
""",
        stages=2,
    ),
    Hazard(
        "an alias for a command",
        r"""
# %% stage:a
%alias sayhi echo hi
# %% stage:b
%sayhi
""",
        stages=1,
    ),
)

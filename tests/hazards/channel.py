"""Files through which one stage speaks to another."""

from __future__ import annotations

from hazards.hazard import Hazard

HAZARDS = (
    Hazard(
        "a file appended to in a second stage",
        r"""
# %% stage:a
open('log.txt','w').write('a')
# %% stage:b
open('log.txt','a').write('b')
# %% stage:c
print(open('log.txt').read())
""",
        stages=2,
    ),
    Hazard(
        "a file outside the project passes between",
        r"""
# %% stage:a
import tempfile,os
p=os.path.join(tempfile.gettempdir(),'nb_x_file.txt')
open(p,'w').write('5')
# %% stage:b
print(open(p).read())
""",
        stages=1,
    ),
    Hazard(
        "files found by a pattern",
        r"""
# %% stage:a
import os
os.makedirs('d',exist_ok=True)
for i in range(3): open(f'd/{i}.txt','w').write(str(i))
# %% stage:b
import glob
print([open(f).read() for f in sorted(glob.glob('d/*.txt'))])
""",
        stages=2,
    ),
    Hazard(
        "written in one stage, read in another",
        r"""
# %% stage:a
with open('x.json','w') as f: f.write('[1, 2]')
# %% stage:b
import json
v=json.load(open('x.json'))
# %% stage:c
print(v)
""",
        stages=3,
    ),
    Hazard(
        "rewritten by a later stage",
        r"""
# %% stage:a
open('v.txt','w').write('1')
# %% stage:b
x=open('v.txt').read()
# %% stage:c
open('v.txt','w').write(x+'2')
# %% stage:d
print(open('v.txt').read(), x)
""",
        stages=2,
    ),
    Hazard(
        "removed by a later stage",
        r"""
# %% stage:a
open('gone.txt','w').write('1')
# %% stage:b
import os
x=open('gone.txt').read()
os.remove('gone.txt')
# %% stage:c
print(x, os.path.exists('gone.txt'))
""",
        stages=2,
    ),
    Hazard(
        "renamed by a later stage",
        r"""
# %% stage:a
open('old.txt','w').write('1')
# %% stage:b
import os
os.rename('old.txt','new.txt')
# %% stage:c
print(open('new.txt').read(), os.path.exists('old.txt'))
""",
        stages=2,
    ),
    Hazard(
        "copied and packed",
        r"""
# %% stage:a
import os
os.makedirs('src_d',exist_ok=True)
open('src_d/a.txt','w').write('A')
# %% stage:b
import shutil
shutil.copy('src_d/a.txt','copy.txt')
import zipfile
with zipfile.ZipFile('packed.zip','w') as z: z.writestr(zipfile.ZipInfo('a.txt'),open('src_d/a.txt').read())
# %% stage:c
print(open('copy.txt').read(), zipfile.ZipFile('packed.zip').read('a.txt'))
""",
        stages=3,
    ),
    Hazard(
        "an empty folder that a later stage needs",
        r"""
# %% stage:a
import os
os.makedirs('empty/dir',exist_ok=True)
# %% stage:b
open('empty/dir/f.txt','w').write('x')
# %% stage:c
print(open('empty/dir/f.txt').read())
""",
        stages=3,
    ),
    Hazard(
        "a folder that is only asked for",
        r"""
# %% stage:a
import os
os.makedirs('asked/for',exist_ok=True)
# %% stage:b
print(os.path.isdir('asked/for'))
""",
        stages=1,
    ),
    Hazard(
        "files written in a loop over data",
        r"""
# %% stage:a
names=['x','y']
# %% stage:b
from pathlib import Path
out=Path('parts'); out.mkdir(exist_ok=True)
for n in names: (out/f'{n}.txt').write_text(n*2)
# %% stage:c
print([(p.name,p.read_text()) for p in sorted(out.glob('*.txt'))])
""",
        stages=3,
    ),
    Hazard(
        "a temporary file by a kept name",
        r"""
# %% stage:a
import tempfile
f=tempfile.NamedTemporaryFile('w',delete=False,suffix='.txt')
f.write('tmp'); f.close()
name=f.name
# %% stage:b
print(open(name).read())
""",
        verdict="unverified",
        stages=1,
    ),
    Hazard(
        "a temporary file in the project, gone at the end of the cell",
        r"""
# %% stage:a
import tempfile
with tempfile.NamedTemporaryFile('w+', dir='.') as f:
    f.write('7'); f.seek(0)
    n=int(f.read())
del f
# %% stage:b
print(n)
""",
        stages=2,
    ),
    Hazard(
        "a file read by a subprocess",
        r"""
# %% stage:a
open('in.txt','w').write('b\na\n')
# %% stage:b
import subprocess
print(subprocess.run(['sort','in.txt'],capture_output=True,text=True).stdout)
""",
        stages=2,
    ),
    Hazard(
        "a file written by a subprocess",
        r"""
# %% stage:a
import subprocess, sys
subprocess.run([sys.executable,'-c','open("sub.txt","w").write("s")'],check=True)
# %% stage:b
print(open('sub.txt').read())
""",
        stages=2,
    ),
    Hazard(
        "a script that is written and then run",
        r"""
# %% stage:a
open('job.py','w').write('print(6*7)')
# %% stage:b
import subprocess, sys
print(subprocess.check_output([sys.executable,'job.py'],text=True))
""",
        stages=2,
    ),
    Hazard(
        "a relative path after chdir",
        r"""
# %% stage:a
import os
os.makedirs('w',exist_ok=True)
os.chdir('w')
# %% stage:b
open('rel.txt','w').write('r')
os.chdir('..')
# %% stage:c
print(open('w/rel.txt').read())
""",
        stages=3,
    ),
    Hazard(
        "a path computed from a parameter",
        r"""
# %% parameters
name='one'
# %% stage:a
path=f'{name}.txt'
open(path,'w').write(name)
# %% stage:b
text=open(path).read()
# %% stage:c
print(text, path)
""",
        stages=3,
        change={"name": "two"},
    ),
    Hazard(
        "how many files, a parameter decides",
        r"""
# %% parameters
n=1
# %% stage:a
import os
os.makedirs('many',exist_ok=True)
for i in range(n): open(f'many/{i}.txt','w').write(str(i))
# %% stage:b
import glob
print([open(p).read() for p in sorted(glob.glob('many/*.txt'))])
""",
        stages=2,
        change={"n": 3},
    ),
    Hazard(
        "which input is read, a parameter decides",
        r"""
# %% parameters
which='a'
# %% stage:a
t=open(f'in_{which}.txt').read()
# %% stage:b
print(t)
""",
        stages=2,
        change={"which": "b"},
        beside={"in_a.txt": "A", "in_b.txt": "B"},
    ),
    Hazard(
        "an input chosen by a mapping",
        r"""
# %% parameters
which='a'
# %% stage:a
files={'a':'in_a.txt','b':'in_b.txt'}
t=open(files[which]).read()
# %% stage:b
print(t)
""",
        stages=2,
        change={"which": "b"},
        beside={"in_a.txt": "A", "in_b.txt": "B"},
    ),
    Hazard(
        "names with blanks, quotes and accents",
        r"""
# %% stage:a
names=['a b.txt',"it's.txt",'é$x.txt','#h.txt','-n.txt']
for n in names: open(n,'w').write(n)
# %% stage:b
print([open(n).read() for n in names])
""",
        stages=2,
    ),
    Hazard(
        "a log file that stays open",
        r"""
# %% stage:a
import logging
h=logging.FileHandler('run.log',mode='w')
log=logging.getLogger('filelog'); log.addHandler(h); log.setLevel('INFO')
log.info('one')
# %% stage:b
log.info('two')
# %% stage:c
print(open('run.log').read())
""",
        stages=1,
    ),
    Hazard(
        "a link to a file",
        r"""
# %% stage:a
import os
if not os.path.lexists('link.txt'): os.symlink('real.txt','link.txt')
# %% stage:b
print(open('link.txt').read())
""",
        stages=2,
        beside={"real.txt": "R"},
    ),
    Hazard(
        "a file of the project read in two stages",
        r"""
# %% stage:a
import json
a=json.load(open('cfg.json'))['k']
# %% stage:b
print(a, json.load(open('cfg.json')))
""",
        stages=2,
        beside={"cfg.json": '{"k": 3}'},
    ),
    Hazard(
        "a file's size and time",
        r"""
# %% stage:a
import os
s=os.path.getsize('in.txt')
# %% stage:b
print(s, os.path.getmtime('in.txt')>0)
""",
        stages=2,
        beside={"in.txt": "abc"},
    ),
    Hazard(
        "two files, each needs its own stage",
        r"""
# %% stage:a
open('p.txt','w').write('p')
# %% stage:b
open('q.txt','w').write('q')
# %% stage:c
x=open('p.txt').read()
# %% stage:d
print(x+open('q.txt').read())
""",
        stages=4,
    ),
    Hazard(
        "a file that is written only if it is not there",
        r"""
# %% stage:a
import os
if not os.path.exists('cache.txt'):
    open('cache.txt','w').write('made')
# %% stage:b
print(open('cache.txt').read())
""",
        stages=2,
    ),
    Hazard(
        "a counter that is kept between runs",
        r"""
# %% stage:a
n=int(open('n.txt').read())+1
open('n.txt','w').write(str(n))
# %% stage:b
print(n)
""",
        verdict="refused",
        beside={"n.txt": "1"},
        names=("n.txt",),
    ),
    Hazard(
        "a file above the project",
        r"""
# %% stage:a
open('../above_x.txt','w').write('1')
# %% stage:b
print(open('../above_x.txt').read())
""",
        verdict="refused",
        names=("above_x.txt",),
    ),
    Hazard(
        "a file in a hidden folder",
        r"""
# %% stage:a
import os
os.makedirs('.cache_x',exist_ok=True)
open('.cache_x/v','w').write('h')
# %% stage:b
print(open('.cache_x/v').read())
""",
        stages=2,
    ),
)

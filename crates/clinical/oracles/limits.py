# SPDX-License-Identifier: Apache-2.0
"""No rounding moves a value across a limit.

For the quantities of child-pugh, findrisc, qsofa, curb-65 and news2: every value that laboratories and
devices report, in every unit, is coded by the feature's grid and rounding as written in the protocol file,
and the points of its band are compared with the published rule on the exact value (fractions, no floats).
Run it with Python 3.11: `python3 crates/clinical/oracles/limits.py`. It ends with 1 if a value is wrong.
"""

import math
import pathlib
import sys
import tomllib
from fractions import Fraction as Fr

PROTOCOLS = pathlib.Path(__file__).parent.parent / "protocols"
TOLERANCE = 1e-6
WRONG = 0


def code(feature, value):
    """The grid point of a value, as `Quantity::level` computes it."""
    steps = (value - feature["min"]) / feature["step"]
    rounding = feature.get("rounding", "down")
    if rounding == "down":
        step = math.floor(steps + TOLERANCE)
    elif rounding == "nearest":
        step = math.floor(steps + TOLERANCE + 0.5)
    else:
        step = math.ceil(steps - TOLERANCE)
    top = round((feature["max"] - feature["min"]) / feature["step"])
    return min(feature["max"], round(feature["min"] + min(max(step, 0), top) * feature["step"], 9))


class Proto:
    def __init__(self, path):
        self.d = tomllib.loads(path.read_text())
        self.F = {feature["id"]: feature for feature in self.d["intake"]}


def pts(P,fid,v,other=None):
    f=P.F[fid]; c=code(f,float(v))
    for t in P.d['model']['term']:
        if t.get('feature')==fid and 'bands' in t and (other is None or t.get('when')==other):
            for b in t['bands']:
                if 'below' not in b or c<b['below']-1e-9: return b['points']
def grid(lo,hi,dec):
    s=Fr(1,10**dec); x=Fr(lo)
    while x<=Fr(hi): yield x; x+=s
def check(name,P,fid,rule,units,other=None):
    global WRONG
    n=bad=0; first=None
    for label,conv,lo,hi,decs in units:
        for d in decs:
            for x in grid(lo,hi,d):
                v=conv(x)
                if not (P.F[fid]['limits'][0]<=v<=P.F[fid]['limits'][1]): continue
                n+=1
                if pts(P,fid,v,other)!=rule(v):
                    bad+=1; first=first or (label,d,float(x),float(v))
    WRONG += bad
    print(f'{name:34} {n:7} values, {bad} wrong',first or '')
idt=lambda x:x
cp=Proto(PROTOCOLS / 'child-pugh.toml')
bil=Fr('58.4673'); um=lambda x: x*bil/1000
check('child-pugh bilirubin',cp,'bilirubin',lambda v:1 if v<2 else 2 if v<=3 else 3,[('mg/dL',idt,0,12,(1,2)),('umol/L',um,0,200,(0,1))])
check('child-pugh albumin',cp,'albumin',lambda v:3 if v<Fr('2.8') else 2 if v<=Fr('3.5') else 1,[('g/dL',idt,1,6,(1,2)),('g/L',lambda x:x/10,10,60,(0,1))])
check('child-pugh INR',cp,'inr',lambda v:1 if v<Fr('1.7') else 2 if v<=Fr('2.3') else 3,[('1',idt,Fr(1,2),8,(1,2))])
fr=Proto(PROTOCOLS / 'findrisc.toml')
check('findrisc bmi',fr,'bmi',lambda v:0 if v<25 else 1 if v<=30 else 3,[('kg/m2',idt,15,45,(0,1,2))])
inch=lambda x:x*Fr('2.54')
for sex,a,b in(('male',94,102),('female',80,88)):
    check('findrisc waist '+sex,fr,'waist',lambda v:0 if v<a else 3 if v<=b else 4,[('cm',idt,50,160,(0,1)),('in',inch,20,65,(0,1)),('in/4',lambda x:inch(x)/4,80,260,(0,)),('in/8',lambda x:inch(x)/8,160,520,(0,))],'sex == '+sex)
check('findrisc age',fr,'age',lambda v:0 if v<45 else 2 if v<55 else 3 if v<65 else 4,[('a',idt,18,110,(0,1))])
q=Proto(PROTOCOLS / 'qsofa.toml')
check('qsofa respiration',q,'respiration',lambda v:int(v>=22),[('/min',idt,1,60,(0,1))])
check('qsofa systolic',q,'systolic',lambda v:int(v<=100),[('mmHg',idt,40,200,(0,1)),('kPa',lambda x:x*Fr('7.50061683'),6,26,(1,2))])
check('qsofa gcs',q,'gcs',lambda v:int(v<15),[('1',idt,3,15,(0,))])
c=Proto(PROTOCOLS / 'curb-65.toml')
check('curb-65 urea',c,'urea',lambda v:int(v>7),[('mmol/L',idt,Fr(1,2),40,(1,)),('urea mg/dL',lambda x:x*10/Fr('60.056'),3,240,(0,1)),('BUN mg/dL',lambda x:x*10/Fr('28.014'),2,110,(0,1))])
check('curb-65 respiration',c,'respiration',lambda v:int(v>=30),[('/min',idt,1,60,(0,1))])
check('curb-65 age',c,'age',lambda v:int(v>=65),[('a',idt,18,110,(0,1))])
n=bad=0
for s in grid(60,130,1):
    for d in grid(40,80,1):
        n+=1
        got=code(c.F['systolic'],float(s))<90 or code(c.F['diastolic'],float(d))<=60
        bad+= got!=(s<90 or d<=60)
WRONG += bad
print('curb-65 pressure                  ',n,'values,',bad,'wrong')
# NEWS2: the chart's own resolution (whole numbers, tenths of a degree), and finer values to the nearest of it.
w=Proto(PROTOCOLS / 'news2.toml')
T=lambda v,L: next(p for lim,p in L if lim is None or v<=lim)
def near(v,dec): return Fr(int(v*10**dec+Fr(1,2)),10**dec)
check('news2 respiration',w,'respiration',lambda v:T(near(v,0),[(8,3),(11,1),(20,0),(24,2),(None,3)]),[('/min',idt,1,60,(0,1))])
check('news2 systolic',w,'systolic',lambda v:T(near(v,0),[(90,3),(100,2),(110,1),(219,0),(None,3)]),[('mmHg',idt,40,260,(0,1)),('kPa',lambda x:x*Fr('7.50061683'),6,34,(1,2))])
check('news2 pulse',w,'pulse',lambda v:T(near(v,0),[(40,3),(50,1),(90,0),(110,1),(130,2),(None,3)]),[('/min',idt,20,220,(0,1))])
check('news2 temperature',w,'temperature',lambda v:T(near(v,1),[(Fr('35.0'),3),(Fr('36.0'),1),(Fr('38.0'),0),(Fr('39.0'),1),(None,2)]),[('Cel',idt,30,43,(1,2)),('degF',lambda x:(x-32)*5/9,86,109,(1,))])
check('news2 spo2 scale 1',w,'spo2',lambda v:T(near(v,0),[(91,3),(93,2),(95,1),(None,0)]),[('%',idt,50,100,(0,1))],'scale == 1')
check('news2 spo2 scale 2 on air',w,'spo2',lambda v:T(near(v,0),[(83,3),(85,2),(87,1),(None,0)]),[('%',idt,50,100,(0,1))],'scale == 2')
sys.exit(1 if WRONG else 0)

"""One file per criterion: what is asked, why, of whom, and what the answer rests on."""

"""The evolution loop: arena -> match -> score -> selection -> writer -> gates -> admission -> library -> journal.

`state` is what a run knows between generations, `settings` who plays whom; `gates` and `race` decide what is evaluated and for
how long, `compete` what is kept, `contribute` what is shared; `loop` is the order of it all on one screen; `engine` starts, resumes
and ends runs, `audit` and `credit` say what came of them.
"""

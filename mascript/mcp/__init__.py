"""`mascript mcp`: a workspace for outside coding agents, over the Model Context Protocol.

    protocol ──> tools ──> telling      arenas, runs, the library: read
                       ──> scripts      a script: gates, then episodes in the sandbox
                       ──> functions    a function: the library's gates
                       ──> questions    what a run asks of a mailbox, and the answer to it
                       ──> verdicts     what became of any of these

What a client sends is data until a gate has let it into the sandbox; nothing of it is a path, a module or a query. What others
wrote goes out as `Quoted`. What a client hands in is written into the workspace's chain of outside submissions, with the verdict on
it. Only `protocol` knows the protocol's package, which the extra `mcp` brings.
"""

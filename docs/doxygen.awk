# Shows Doxygen the comments of our headers, which are plain ones: a comment before something, or behind it, is about that;
# one before the namespace is about the file. That a function has one more body elsewhere is nothing for a reader.
function flush(mark,   i) {
    for (i = 1; i <= held; ++i)
        print (i == 1 && mark == "file" ? "/// @file\n" : "") comment[i]
    held = 0
}

/^ *\/\/ / {
    column = match($0, /\/\//)
    if (column == behind) {    # goes on what began behind a declaration
        sub(/\/\//, "///<")
        print
        next
    }
    sub(/\/\//, "///")
    comment[++held] = $0
    next
}

/^#pragma/ { print ""; next }

/^ *\/\/$/ { sub(/\/\//, "///"); comment[++held] = $0; next }

specialised != "" {
    if (!/;$/)
        print specialised ORS $0
    specialised = ""
    next
}
/^template <>$/ { flush(); specialised = $0; next }

{
    flush($0 ~ /^namespace / ? "file" : "")
    behind = 0
    if ($0 !~ /^ *#/ && match($0, /[;,{}a-z]  ?\/\/ /)) {
        behind = RSTART + index(substr($0, RSTART), "//") - 1
        sub(/\/\/ /, "///< ")
    }
    print
}

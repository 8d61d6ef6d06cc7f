# SPDX-License-Identifier: Apache-2.0
"""Small mistakes, put into C source on purpose: the operators of tools/mutate.

A mutant is one change at one place. Places are found by tokens, with the help of
the layout that clang-format gives: an operator with blanks on both sides has two
operands.
"""
import re
from collections import Counter, namedtuple

# operator: what was changed into what, "#2" for the second on the same line
Mutant = namedtuple("Mutant", "path line operator start end text source")
Token = namedtuple("Token", "text start end")

TOKEN = re.compile(r"""
    /\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'
    | ^\#[^\n]*(?:\\\n[^\n]*)* | [A-Za-z_]\w* | \d\w*
    | <<= | >>= | -> | \+\+ | -- | << | >> | <= | >= | == | != | && | \|\|
    | [-+*/%&|^]= | \s+ | .""", re.S | re.X | re.M)
NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)$")

SWAPS = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
    "==": ("!=",), "!=": ("==",), "&&": ("||",), "||": ("&&",),
    "+": ("-",), "-": ("+",), "*": ("/",), "/": ("*",), "%": ("/",),
    "<<": (">>",), ">>": ("<<",), "&": ("|",), "|": ("&",), "^": ("|",),
    "++": ("--",), "--": ("++",), "+=": ("-=",), "-=": ("+=",),
    "|=": ("&=",), "&=": ("|=",), "<<=": (">>=",), ">>=": ("<<=",),
    "true": ("false",), "false": ("true",)}
WITH_ONE_OPERAND = ("++", "--", "true", "false")
COMPARES = ("<", "<=", ">", ">=", "==", "!=", "&&", "||", "!")
TYPE = re.compile(r"(struct|enum|const|static|unsigned|int|char|bool|size_t|"
                  r"u?int\d+_t|extern|inline|void)$")
KEYWORDS = ("if", "else", "for", "while", "do", "switch", "case", "default",
            "return", "break", "continue", "goto", "sizeof")


def tokens_of(source):
    """The tokens that mean something; a #define as the tokens of its value."""
    found = []
    for m in TOKEN.finditer(source):
        text = m.group()
        if text.startswith("#"):
            value = re.match(r"#define\s+\w+\s+(\d\w*)$", text)
            if value:
                found.append(Token("#", m.start(), m.start()))
                found.append(Token(value.group(1), m.start() + value.start(1),
                                   m.start() + value.end(1)))
        elif not text.isspace() and not text.startswith(("/*", "//")):
            found.append(Token(text, m.start(), m.end()))
    return found


def closing(tokens, i):
    """The index of the bracket that closes the one at i."""
    depth = 0
    for k in range(i, len(tokens)):
        depth += (tokens[k].text in "([{") - (tokens[k].text in ")]}")
        if depth == 0:
            return k
    return len(tokens) - 1


def regions(tokens):
    """(begin, end, is_function) of the bodies and tables, as token indexes."""
    i = head = 0
    while i < len(tokens):
        text = tokens[i].text
        if text == "#":
            yield i + 1, i + 2, False
            i += 2
            head = i
        elif text == "{":
            end = closing(tokens, i)
            before = [t.text for t in tokens[head:i]]
            if before and before[-1] == ")":
                yield i + 1, end, True
            elif "=" in before:
                yield i + 1, end, False
            i = end + 1
            head = i if before and before[-1] == ")" else head
        else:
            i += 1
            head = i if text == ";" else head


def swaps(source, token):
    """Other operators, literals and numbers for one token."""
    text = token.text
    if text in SWAPS:
        around = source[token.start - 1] + source[token.end]
        if text in WITH_ONE_OPERAND or around.isspace():
            for other in SWAPS[text]:
                yield f"{text} -> {other}", other
    elif text in ("!", "~") and source[token.end] != "=":
        yield f"{text} -> nothing", ""
    else:
        number = NUMBER.match(text)
        if number:
            value = int(number.group(1), 0)
            yield "n -> n + 1", f"{value + 1}{number.group(2)}"
            if value > 0:
                yield "n -> n - 1", f"{value - 1}{number.group(2)}"


def is_declaration(words):
    return TYPE.match(words[0]) is not None


def statement(tokens, i):
    """Changes to the statement that begins at token i: (operator, first token,
    last token, text)."""
    first = tokens[i].text
    if first in ("if", "while"):
        end = closing(tokens, i + 1)
        if not any(t.text in COMPARES for t in tokens[i + 2:end]):
            yield "condition -> its negation", i + 2, end - 1, "!({})"
        return
    end = i
    while tokens[end].text not in ";}":
        if tokens[end].text in "([{":
            end = closing(tokens, end)
        end += 1
    if tokens[end].text != ";":
        return  # a macro that stands for cases
    if first == "return" and end > i + 1:
        value = " ".join(t.text for t in tokens[i + 1:end])
        other = "1" if value in ("0", "HWI_OK", "NULL") else "0"
        if value not in ("true", "false"):
            yield f"return value -> {other}", i + 1, end - 1, other
    elif first in ("break", "continue", "return"):
        yield f"{first} -> nothing", i, end - 1, ""
    elif not is_declaration([first]) and first not in KEYWORDS:
        yield "statement -> nothing", i, end - 1, ""


def starts(tokens, begin, end):
    """The tokens of a body at which statements begin."""
    i = begin
    is_start = True
    while i < end:
        text = tokens[i].text
        if is_start and text not in "{};":
            yield i
        if text in ("if", "while", "for", "switch"):
            i = closing(tokens, i + 1)
            is_start = True
        elif text in "([" or (text == "{" and tokens[i - 1].text in ("=", ")")
                              and not is_start):
            i = closing(tokens, i)
            is_start = False
        elif text == ":" and tokens[i - 1].text != "?":
            is_start = "case" in (t.text for t in tokens[max(i - 3, 0):i])
        else:
            is_start = text in ("{", "}", ";", "else", "do")
        i += 1


def in_sizes(tokens, begin, end):
    """Indexes of the numbers that are the size of an array."""
    return {i for i in range(begin, end)
            if tokens[i - 1].text == "[" and tokens[i + 1].text == "]" and
            tokens[i + 2].text in (";", ",", ")", "=") and
            TYPE.match(tokens[i - 3].text)}


def changes(source):
    """(operator, start, end, text) of every mutant of a file."""
    tokens = tokens_of(source)
    for begin, end, is_function in regions(tokens):
        sizes = in_sizes(tokens, begin, end) if is_function else ()
        for i in range(begin, end):
            if i not in sizes:
                for operator, text in swaps(source, tokens[i]):
                    yield operator, tokens[i].start, tokens[i].end, text
        for i in starts(tokens, begin, end) if is_function else ():
            for operator, first, last, text in statement(tokens, i):
                at = (tokens[first].start, tokens[last].end)
                yield operator, *at, text.format(source[at[0]:at[1]])


def mutants_of(path):
    """All mutants of a file, in its order."""
    with open(path) as f:
        source = f.read()
    lines = source.splitlines()
    seen = Counter()
    done = set()
    for operator, start, end, text in sorted(changes(source),
                                             key=lambda c: (c[1], c[0])):
        if (start, end, text) in done:
            continue
        done.add((start, end, text))
        line = source.count("\n", 0, start)
        seen[line, operator] += 1
        n = seen[line, operator]
        yield Mutant(path, line + 1,
                     operator + (f" #{n}" if n > 1 else ""), start, end, text,
                     lines[line].strip())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pages of documentation whose commands are true.

    docs.py run SOURCE FOLDER PAGE...    runs all shell of the pages, page by page, block by block, in FOLDER
    docs.py check SOURCE FOLDER PAGE...  looks at the shell that cannot be run here

    ```sh              is run; blocks of a page share one shell, and the first command that fails ends it
    ```text            right behind one: what it prints. "..." stands for anything within a line, a line
                       of three dots for any lines
    ```sh elsewhere    needs another machine: its programs, files and options must be there

Shell anywhere else, as an indented line or in another fence, is a mistake: nobody would notice when it
becomes wrong. So is a link or a picture that leads to no file, and a picture that asks another host, runs a
script or is large."""
import os, re, shlex, subprocess, sys, tempfile

OURS = ("liaison", "tools/", "build/", "deploy/")
# Programs that a machine elsewhere has; of them nothing more can be known here.
THEIRS = {"apt", "cmake", "cpack", "ctest", "curl", "docker", "git", "grep", "jq", "journalctl", "kubectl", "podman",
          "systemctl", "ninja", "mkdir", "cd", "cp", "export", "install", "kill", "node", "python3", "npm", "sed"}
FENCE = re.compile(r"^```(\S*)\s*(.*)$")
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
PICTURE_MAX = 25000


class Block:
    def __init__(self, line, kind, words, body, output):
        self.line, self.kind, self.words, self.body, self.output = line, kind, words, body, output


def programs(line):
    """The words of a line, command by command; what shell makes of quotes is not looked into."""
    line = re.sub(r"(^|\s)#.*$", "", line)
    for part in re.split(r"\||&&|\|\||;|\$\(|`", line):
        try:
            words = shlex.split(part.strip().rstrip(")\"'\\"))
        except ValueError:
            words = part.split()
        words = [word for word in words if not re.fullmatch(r"[A-Za-z_]+=\S*", word)]
        while words and words[0] in ("do", "then", "else", "sudo", "time", "!"):
            words = words[1:]
        if words and words[0] not in ("for", "done", "fi", "if", "while", "until", "{", "}"):
            yield words


def looks_like_shell(line):
    word = line.split()[0] if line.split() else ""
    return re.match(r"(tools/\w|build/(dev|release)/)", word) is not None or \
        word in ("liaison", "curl", "cmake", "kubectl", "podman", "docker", "apt", "systemctl", "ctest", "cpack")


def read(path):
    """The blocks of a page, and its mistakes."""
    blocks, mistakes = [], []
    lines = open(path).read().split("\n")
    at = 0
    while at < len(lines):
        fence = FENCE.match(lines[at])
        if not fence:
            if re.match(r"^( {4}|\t)\S", lines[at]) and looks_like_shell(lines[at]):
                mistakes.append((at + 1, "shell outside of a fence is never run"))
            at += 1
            continue
        kind, words, begin = fence[1], fence[2], at + 1
        end = begin
        while end < len(lines) and lines[end] != "```":
            end += 1
        if end == len(lines):
            mistakes.append((at + 1, "a fence without end"))
        body = lines[begin:end]
        if kind == "text" and blocks and blocks[-1].kind == "sh" and blocks[-1].output is None and \
                not any(lines[blocks[-1].after:at]):
            blocks[-1].output = body
        elif kind == "sh":
            if words not in ("", "elsewhere"):
                mistakes.append((at + 1, "after sh comes nothing or 'elsewhere', not '%s'" % words))
            blocks.append(Block(begin + 1, kind, words, body, None))
            blocks[-1].after = end + 1
        elif any(looks_like_shell(line) for line in body):
            mistakes.append((at + 1, "shell in a fence of another kind is never run"))
        at = end + 1
    return blocks, mistakes


def pattern(lines):
    text = ""
    for line in lines:
        text += r"(?:.*\n)*?" if line.strip() == "..." else \
            r".*".join(re.escape(part.rstrip() if i else part) for i, part in enumerate(line.split("..."))) + r"[ \t]*\n"
    return re.compile(text)


def run_page(source, folder, page, blocks):
    """One shell for all blocks; each prints to a file of its own."""
    with tempfile.TemporaryDirectory() as made:
        script = "set -e -o pipefail\n"
        for i, block in enumerate(blocks):
            script += "echo %d >'%s/at'\nexec >'%s/%d' 2>&1\n%s\n" % (i, made, made, i, "\n".join(block.body))
        ran = subprocess.run(["bash", "-c", script], cwd=folder, stdin=subprocess.DEVNULL, timeout=240)
        def said(i):
            try:
                return open("%s/%d" % (made, i), errors="replace").read()
            except OSError:
                return ""
        if ran.returncode:
            i = int(open(made + "/at").read())
            print("%s:%d: ended with %d; it printed\n%s" % (page, blocks[i].line, ran.returncode, said(i)[-3000:]))
            return False
        good = True
        for i, block in enumerate(blocks):
            if block.output is not None and not pattern(block.output).fullmatch(said(i)):
                print("%s:%d: prints something else:\n%s" % (page, block.line, said(i)[-3000:]))
                good = False
        return good


class Help:
    """What our programs say of themselves."""
    def __init__(self, source):
        self.source, self.known = source, {}

    def of(self, words):
        key = tuple(words)
        if key not in self.known:
            ran = subprocess.run([*words, "--help"], capture_output=True, text=True, cwd=self.source)
            self.known[key] = ran.stdout if ran.returncode == 0 else None
        return self.known[key]

    def commands(self):
        return {tuple(found.split()) for found in re.findall(r"^  ([a-z-]+(?: [a-z-]+)?)  ", self.of(["liaison"]), re.M)}

    def check(self, words):
        """What is wrong with a command of ours, or None."""
        if words[0] == "liaison":
            commands = self.commands()
            name = next((tuple(words[1:1 + n]) for n in (2, 1) if tuple(words[1:1 + n]) in commands), None)
            if not name and len(words) > 1 and not words[1].startswith("-"):
                return "there is no command 'liaison %s'" % " ".join(words[1:3])
            page = self.of(["liaison", *(name or ())])
        elif words[0].startswith("liaison-"):
            page = self.of([words[0]])
        elif os.path.isfile(os.path.join(self.source, words[0])):
            head = open(os.path.join(self.source, words[0])).read(6000)
            page = re.sub(r"(?m)^[^#].*$", "", head.split("set -euo")[0]) if head.startswith("#!") else head
        else:
            return "there is no %s" % words[0]
        if page is None:
            return "'%s' has no --help" % " ".join(words)
        for word in words[1:]:
            option = word.split("=")[0]
            if option.startswith("--") and len(option) > 2 and option not in ("--help", "--version") and \
                    not re.search(re.escape(option) + r"(?![\w-])", page):
                return "%s does not know %s" % (words[0], option)
        return None


def path_of(source, word):
    """A file of the checkout that a word names, or None."""
    word = word.split("=")[-1].split(":")[0]
    return os.path.join(source, word) if re.match(r"^(deploy|tools|tests|common|services|proto)/[\w./-]*$", word) else None


def is_built(source, name):
    """Whether some CMakeLists.txt makes a program of that name."""
    for top in ("tools", "tests"):
        for folder, _, files in os.walk(os.path.join(source, top)):
            if "CMakeLists.txt" in files and \
                    "add_executable(%s " % name in open(os.path.join(folder, "CMakeLists.txt")).read():
                return True
    return False


def wrong_picture(path):
    """What is wrong with a picture, or None."""
    if not path.endswith(".svg"):
        return "is no SVG; the repository keeps no binary files"
    text = open(path).read()
    if len(text) > PICTURE_MAX:
        return "is larger than %d bytes" % PICTURE_MAX
    outside = re.search(r"<script|<image|<foreignObject|@import|@font-face|\son\w+=|(?:href|src)=[\"'](?!#)|url\((?!#)", text)
    return "has %s in it: a picture stands alone" % outside[0].strip() if outside else None


def check_links(source, page):
    """Where the words of a page lead; addresses of other hosts are not asked."""
    good, text = True, open(os.path.join(source, page)).read()
    text = re.sub(r"(?ms)^```.*?^```$", lambda fence: "\n" * fence[0].count("\n"), text)
    for link in LINK.finditer(text):
        line, target = text.count("\n", 0, link.start()) + 1, link[2].split("#")[0]
        if re.match(r"[a-z]+:", target) or not target:
            continue
        path = os.path.join(source, os.path.dirname(page), target)
        wrong = None if os.path.exists(path) else "is not there"
        if link[1] and not wrong:
            wrong = wrong_picture(path)
        if wrong:
            print("%s:%d: %s %s" % (page, line, target, wrong))
            good = False
    return good


def check_page(source, page, blocks, helps):
    good = True
    for block in blocks:
        text = "\n".join(block.body).replace("\\\n", " " )
        for line in text.split("\n"):
            for words in programs(line):
                wrong = None
                first = words[0]
                installed = {"/usr/share/liaison/place": "deploy/place"}.get(first)
                if installed:
                    wrong = None if os.path.exists(os.path.join(source, installed)) else "there is no " + installed
                elif first.startswith("build/") and not os.path.basename(first).startswith("liaison"):
                    wrong = None if is_built(source, os.path.basename(first)) else "nothing builds " + first
                elif first.startswith("build/"):
                    wrong = helps.check([os.path.basename(first), *words[1:]])
                elif first == "liaison" or first.startswith(("liaison-", "tools/")):
                    wrong = helps.check(words)
                elif first not in THEIRS:
                    wrong = "'%s' is no program that this test knows" % first
                for word in words[1:]:
                    named = path_of(source, word)
                    if not wrong and named and not os.path.exists(named):
                        wrong = "there is no " + word
                if not wrong and "--preset" in words:
                    preset = words[words.index("--preset") + 1]
                    if '"name": "%s"' % preset not in open(source + "/CMakePresets.json").read():
                        wrong = "there is no preset '%s'" % preset
                if wrong:
                    print("%s:%d: %s: %s" % (page, block.line, " ".join(words), wrong))
                    good = False
    return good


def main():
    what, source, folder, *pages = sys.argv[1:]
    good, counts, helps = True, {"": 0, "elsewhere": 0}, Help(source)
    for page in pages:
        blocks, mistakes = read(os.path.join(source, page))
        for line, mistake in mistakes:
            print("%s:%d: %s" % (page, line, mistake))
            good = False
        for block in blocks:
            counts[block.words] = counts.get(block.words, 0) + 1
        # What runs is looked at, too, as far as our own programs go: an option that is ignored is wrong.
        if what == "check":
            good &= check_links(source, page)
            good &= check_page(source, page, [b for b in blocks if b.words == "elsewhere"], helps)
        else:
            here = [b for b in blocks if not b.words]
            if here and good:
                good &= run_page(source, folder, page, here)
    print("%d pages, %d blocks run, %d elsewhere" % (len(pages), counts[""], counts["elsewhere"]))
    sys.exit(0 if good else 1)


main()

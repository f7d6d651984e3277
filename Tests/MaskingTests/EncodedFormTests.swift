import Masking
import TestSupport
import Testing

/// What real tools make of secrets: the encoders are the peers, not our own code.
@Suite struct EncodedFormTests {
    static let secrets = [
        "hunter22", "correct horse battery staple", "p@ss'w\"o\\rd/$x&<y>", "Schlüssel~#1%20+=",
        "fW9kQ3J5cHQhIzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEy?>~",
        "{\"user\": \"admin\",\n \"password\": \"t0p/secret\"}",
        #"{"key": "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nabc/def+12345678==\n-----END KEY-----"}"#,
        #"tab\tand\\back\fslash \101\0102 \e[1m\x41"#,
    ]

    /// Python expressions of a text `s` and bytes `b`; `around(x)` puts other text before and after.
    static let encoders = [
        "base64.b64encode(b)", "base64.b64encode(b).rstrip(b'=')", "base64.urlsafe_b64encode(b)",
        "base64.b64encode(b'x' + b + b'yy')", "base64.b64encode(b'xx' + b + b'y')",
        "base64.b64encode(b'{\"k\": ' + b + b'}')", "base64.urlsafe_b64encode(b'ab' + b)",
        "base64.encodebytes(b)", "base64.encodebytes(b'some words before it ' * 9 + b + b' and after ' * 9)",
        "base64.encodebytes(b'words before it, ' * 9 + b + b' after ' * 9).replace(b'\\n', b'\\r\\n')",
        "wrap(base64.b64encode(b'a' * 41 + b + b' and after ' * 9), 64)",
        "base64.b64encode(base64.b64encode(b))", "base64.b64encode(base64.b64encode(b + b'\\n') + b'\\n')",
        "base64.b64encode(b'=' + base64.b64encode(b'PASSWORD=' + b + b' '))",
        "base64.encodebytes(b' ' * 50 + base64.b64encode(b'...' + b + b'...'))",
        "base64.urlsafe_b64encode(base64.b64encode(b'..' + b))", "base64.b64encode(base64.encodebytes(b))",
        "urllib.parse.quote(base64.b64encode(b'+' + b))",
        "base64.b64encode(b'{' + json.dumps(s).encode()[1:-1])",
        "b.hex()", "b.hex().upper()", "b.hex(':')", "b.hex(' ').upper()", "b.hex('-')",
        "''.join('\\\\x%02x' % c for c in b)", "''.join('%%%02X' % c for c in b)",
        "', '.join('0x%02x' % c for c in b)", "wrap(b'0a' * 20 + b.hex().encode() + b'0a' * 20, 60)",
        "urllib.parse.quote(s)", "urllib.parse.quote(s, safe='')", "urllib.parse.quote_plus(s)",
        "urllib.parse.quote(s, safe=\"!'()*\")",
        "re.sub('%..', lambda m: m[0].lower(), urllib.parse.quote(s))",
        "urllib.parse.quote(urllib.parse.quote(s, safe=''))",
        "json.dumps(s)", "json.dumps(s, ensure_ascii=False)", "json.dumps(s).replace('/', '\\\\/')",
        "json.dumps(json.dumps(s))",
        "json.dumps(s).replace('<', '\\\\u003c').replace('>', '\\\\u003e').replace('&', '\\\\u0026')",
        "''.join('\\\\u%04x' % ord(c) for c in s)", "repr(s)", "repr({'k': s})", "shlex.quote(s)",
        "html.escape(s)", "html.escape(s, quote=False)", "xml.sax.saxutils.quoteattr(s)",
        "xml.etree.ElementTree.tostring(element(s))", "s.replace('\"', '\"\"')", "s.replace(\"'\", \"''\")",
    ]

    /// Commands of bash or sh that print `$s`.
    static let commands = [
        "printf '%q' \"$s\"", "printf '%s' \"${s@Q}\"", "LC_ALL=C.UTF-8; printf '%q' \"$s\"",
        "set -x; : \"$s\"", "declare -p s",
        "LC_ALL=C; set -x; : \"$s\"", "x=$s; set | grep -A9 '^x='", "export -p | grep -A9 ' s='",
        "sh -xc ': \"$s\"'", "dash -c 'echo \"$s\"'", "echo -e \"$s\"", "printf '%b' \"$s\"",
        "sh -c 'export -p' | grep -A9 ' s='",
        "[[ $s == */* ]] || ls -d --quoting-style=shell-escape-always -- \"$s\"",
        "printf '%s' \"$s\" | base64",
        "(printf 'some %s ' {1..99}; printf '%s' \"$s\"; printf 'more %s' {1..99}) | base64",
        "printf '%s' \"$s\" | base64 -w0 | base64 -w0", "printf '%s' \"$s\" | base64 | base64",
        "env | base64 -w0 | base64",
        "printf '%s' \"$s\" | od -An -v -tx1", "printf '%s' \"$s\" | od -An -v -w48 -tx1",
    ]

    private static let preamble = """
        import base64, html, json, re, shlex, subprocess, sys
        import urllib.parse, xml.etree.ElementTree, xml.sax.saxutils
        def wrap(b, n): return b"\\n".join(b[i:i + n] for i in range(0, len(b), n))
        def element(s):
            e = xml.etree.ElementTree.Element("t", {"a": s}); e.text = s; return e
        def show(x): sys.stdout.buffer.write((x.encode() if isinstance(x, str) else x) + b"\\0")
        def shell(c, s):
            e = {"s": s, "PATH": "/usr/bin:/bin"}
            p = subprocess.PIPE
            out = subprocess.run(["bash", "-c", c], env=e, stdout=p, stderr=subprocess.STDOUT)
            return out.stdout.decode("utf8", "replace").replace("\\0", "")
        other = lambda s: "Z" * len(s.encode())
        secrets, encoders, commands = (x.split("\\0") for x in sys.stdin.read().split("\\0\\0"))
        for s0 in secrets:
            for x in encoders:
                for s in (s0, other(s0)):
                    b = s.encode(); show(eval(x))
            for c in commands:
                for s in (s0, other(s0)): show(shell(c, s))

        """

    @Test func `what tools make of a secret is hidden`() async throws {
        let input = [Self.secrets, Self.encoders, Self.commands].map { $0.joined(separator: "\0") }
        let output = try await PythonEnvironment().run(Self.preamble, input: input.joined(separator: "\0\0"))
        let texts = output.split(separator: "\0", omittingEmptySubsequences: false).map { Array($0.utf8) }
        let writers = Self.encoders + Self.commands
        try #require(texts.count == Self.secrets.count * writers.count * 2 + 1)
        let set = secretSet(Self.secrets)
        for (number, secret) in Self.secrets.enumerated() {
            for (place, writer) in writers.enumerated() {
                let index = (number * writers.count + place) * 2
                let visible = mask([texts[index]], with: set)
                let leak = MaskingOracle.leak(of: texts[index], beside: texts[index + 1], in: visible)
                #expect(
                    leak == nil,
                    "\(writer) of \(secret): \(leak ?? "") in \(String(decoding: visible, as: UTF8.self))")
            }
        }
    }

    @Test func `encoded forms stay when only the values are to be hidden`() {
        var set = SecretSet(encoded: false)
        _ = set.register(SecretText("hunter22"))
        #expect(set.masked("hunter22 aHVudGVyMjI= 68756e7465723232") == "*** aHVudGVyMjI= 68756e7465723232")
        #expect(secretSet(["hunter22"]).masked("hunter22 aHVudGVyMjI= 68756e7465723232") == "*** *** ***")
    }

    @Test(arguments: ["\n", "\r\n"])
    func `a wrapped secret is followed over line breaks cut anywhere`(lineBreak: String) {
        let set = secretSet(["hunter22"])
        for place in 1..<11 {
            let line = String(repeating: "A", count: 64 - place) + "aHVudGVyMjI".prefix(place)
            let text = Array((line + lineBreak + "aHVudGVyMjI".dropFirst(place) + "A\nend").utf8)
            let expected = String(repeating: "A", count: 64 - place) + "***" + "A\nend"
            for cut in 0...text.count {
                let visible = mask([Array(text[..<cut]), Array(text[cut...])], with: set)
                #expect(String(decoding: visible, as: UTF8.self) == expected)
            }
        }
    }

    @Test(arguments: ["aHVu\ndGVyMjI=", "the word aHVu\ndGVyMjI= is no wrapped line"])
    func `short lines are not joined`(text: String) {
        #expect(secretSet(["hunter22"]).masked(text) == text)
    }

    @Test func `values longer than 64 KiB are hidden as they are, and that is said`() {
        var set = SecretSet()
        let long = String(repeating: "0123456789abcdef", count: 5000)
        #expect(set.register([SecretText(long), SecretText("hunter22")]) == [.maskedAsIs, .masked])
        #expect(set.masked("[\(long)] aHVudGVyMjI=") == "[***] ***")
    }
}

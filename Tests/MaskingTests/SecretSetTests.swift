import Masking
import Testing

@Suite struct SecretSetTests {
    @Test func `reports what it cannot mask`() {
        var set = SecretSet()
        let long = String(repeating: "x", count: SecretSet.maximumByteCount + 1)
        let results = set.register(["", " \n", "abc", "abcd", " ab\n\n", long].map { SecretText($0) })
        #expect(
            results == [
                .empty, .empty, .tooShort(byteCount: 3), .masked, .tooShort(byteCount: 2),
                .tooLong(byteCount: SecretSet.maximumByteCount + 1),
            ])
        #expect(set.masked("abc abcd") == "abc ***")
    }

    @Test func `an empty set changes nothing but access key ids`() {
        #expect(SecretSet().masked("plain AKIAABCDEFGHIJKLMNOP text") == "plain *** text")
    }

    @Test(arguments: [
        ("AKIAABCDEFGHIJKLMNOP", "***"),
        ("ASIA0123456789ABCDEF", "***"),
        ("xASIA0123456789ABCDEFy", "x***y"),
        ("AKIAABCDEFGHIJKLMNOPQRS", "***QRS"),
        ("AKIAABCDEFGHIJKLMNO", "AKIAABCDEFGHIJKLMNO"),
        ("AKIAABCDEFGHIJKLMNo", "AKIAABCDEFGHIJKLMNo"),
        ("AKIAABCDEFGHIJKLmNOP", "AKIAABCDEFGHIJKLmNOP"),
        ("AKIAAKIAABCDEFGHIJKLMNOP", "***"),
        ("AKIAABCDEFGHIJKLMNOPAKIAABCDEFGHIJKLMNOP", "******"),
        ("AROAABCDEFGHIJKLMNOP", "AROAABCDEFGHIJKLMNOP"),
    ])
    func `finds access key ids by their shape`(text: String, expected: String) {
        #expect(SecretSet().masked(text) == expected)
    }

    @Test(arguments: [
        ("say hunter22!", "say ***!"),
        ("hunter22hunter22", "******"),
        ("hunter2 hunter22", "h*** ***"),
        ("tophunter22set", "***"),
        ("abcabcabcab", "***ab"),
        ("grün Schlüssel grün", "grün *** grün"),
    ])
    func `merges secrets that overlap and keeps those apart that touch`(text: String, expected: String) {
        let set = secretSet(["hunter22", "tophunter22set", "unter2", "abcabc", "Schlüssel"])
        #expect(set.masked(text) == expected)
    }

    @Test func `masks a value of several lines as a whole and line by line`() {
        let key = "-----BEGIN KEY-----\nMIIEvQIBADAN\n  Bgkqhkin: 9w0\n}\n-----END KEY-----\n"
        let set = secretSet([key])
        #expect(set.masked("key: \(key)done") == "key: ***\ndone")
        #expect(set.masked(key.replacing("\n", with: "\r\n")) == "***\r\n")
        #expect(set.masked("> MIIEvQIBADAN\n> }\n") == "> ***\n> }\n")
        #expect(set.masked("Bgkqhkin: 9w0") == "***")
        #expect(set.masked("-----") == "-----")
    }

    @Test func `finds a value whose surrounding white space a shell has dropped`() {
        #expect(secretSet(["  pass word \n"]).masked("[pass word] [  pass word ]") == "[***] [  *** ]")
    }

    @Test func `finds the line feed form of a value that has carriage returns`() {
        #expect(secretSet(["ab\r\ncd\r\n"]).masked("ab\ncd ab\r\ncd") == "*** ***")
    }
}

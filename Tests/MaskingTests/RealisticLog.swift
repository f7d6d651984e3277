/// What builds print: words, paths, hashes, digests, base64, progress.
enum RealisticLog {
    static let secrets: [String] = {
        var generator = SeededGenerator(seed: 2)
        let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/$")
        return (0..<20).map { number in
            let random = String(
                (0..<(8 + number * 2)).compactMap { _ in alphabet.randomElement(using: &generator) })
            return number % 4 == 0 ? "https://user:\(random)@example.com/path" : random
        }
    }()

    static func text(lines: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: 1)
        func digits(_ count: Int, _ alphabet: String) -> String {
            let alphabet = Array(alphabet)
            return String((0..<count).compactMap { _ in alphabet.randomElement(using: &generator) })
        }
        let base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        var text = ""
        for number in 0..<lines {
            switch number % 10 {
            case 0: text += "Step \(number)/\(lines) : RUN apt-get install -y --no-install-recommends curl\n"
            case 1: text += " ---> \(digits(12, "0123456789abcdef"))\r\n"
            case 2:
                text += "npm http fetch GET 200 https://registry.npmjs.org/lodash \(number)ms (cache hit)\n"
            case 3: text += "sha512-\(digits(86, base64))==\n"
            case 4: text += "\u{1B}[32m✔\u{1B}[0m src/main/java/com/example/App.java:[\(number),34]\n"
            case 5: text += "sha256:\(digits(64, "0123456789abcdef"))\n"
            case 6:
                text += "Downloading \(number)%\rDownloading \(number + 1)%\rDone https://user@example.com/\n"
            case 7:
                text += digits(76, base64) + "\n" + digits(76, base64) + "\n" + digits(40, base64) + "==\n"
            case 8: text += "/usr/lib/python3/dist-packages/setuptools/_distutils/command/install_lib\n"
            default:
                text += "{\"id\":\"\(digits(9, "0123456789abcdef"))\",\"text\":\"Grüße, 100% \\u00e9\"}\n"
            }
        }
        return Array(text.utf8)
    }
}

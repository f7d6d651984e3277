import Masking
import Testing

@Suite struct SecretTextTests {
    private let secret = SecretText("hunter22")

    @Test func `shows stars in every text rendering`() {
        var dumped = ""
        dump(secret, to: &dumped)
        dump(["wrapped": Wrapper(secret: secret)], to: &dumped)
        let renderings = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\([secret])",
            "\(Wrapper(secret: secret))", String(reflecting: Wrapper(secret: secret)), dumped,
            "\(Optional(secret) as Any)",
        ]
        for rendering in renderings {
            #expect(!rendering.contains("hunter22"))
            #expect(rendering.contains("***"))
        }
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test func `gives the text only when asked to reveal it`() {
        #expect(secret.reveal() == "hunter22")
        #expect(secret == SecretText("hunter22"))
        #expect(secret != SecretText("hunter23"))
    }

    private struct Wrapper {
        var secret: SecretText
    }
}

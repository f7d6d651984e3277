package import Masking

/// Where a build that may use AWS asks for credentials: a container credentials endpoint that lives at least as long
/// as the build (behaviour reference, section 5.3).
///
/// Whoever serves it also hides what it gives away in the build's log.
package struct LentCredentials: Sendable {
    /// The value of `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
    package var url: String
    /// What must be sent along; reaches the build in a file.
    package var token: SecretText

    /// Names an endpoint.
    package init(url: String, token: SecretText) {
        self.url = url
        self.token = token
    }
}

import FoundationEssentials
import SystemPackage

extension CredentialChain {
    // As the AWS CLI does: renewed in the last fifteen minutes.
    private static let renewalWindow = 900.0

    /// A role's credentials for a sign-in through IAM Identity Center.
    func signInCredentials(
        _ configured: SignIn.Configured, _ profile: [String: String], _ name: String
    ) async -> Outcome {
        switch configured {
        case .incomplete(let reason): return .failed(reason, hint: "`aws configure sso` asks for all of it")
        case .complete(let signIn):
            guard AWSConfiguration.isRegionName(signIn.region) else {
                return .failed("its sso_region is not a region's name")
            }
            return await .result { () async throws(AWSError) in
                do throws(AWSError) {
                    return try await credentials(signIn, name)
                } catch {
                    throw Self.advised(error, name)
                }
            }
        }
    }

    private func credentials(_ signIn: SignIn, _ name: String) async throws(AWSError) -> Credentials {
        let token = try await token(signIn, name)
        let context = try signInContext(.sso, signIn)
        let subject = context.subject("GetRoleCredentials")
        var request = AWSRequest("GET", context.endpoint, path: "/federation/credentials")
        request.query = [
            .init(name: "role_name", value: signIn.role), .init(name: "account_id", value: signIn.account),
        ]
        request.headers["x-amz-sso_bearer_token"] = token.accessToken
        let answer: HTTPAnswer
        do throws(AWSError) {
            answer = try await context.send(request, subject)
        } catch {
            guard error.serviceFailure?.status == 403 else { throw error }
            throw AWSError(
                error.kind, subject,
                "\(error.reason); the sign-in has no role \(signIn.role.visible) in account "
                    + "\(signIn.account.visible)",
                hint: "check sso_account_id and sso_role_name of the profile")
        }
        guard let document = try? JSONDecoder().decode(RoleCredentials.self, from: Data(answer.body)) else {
            throw AWSError(.decoding, subject, "the answer has no complete credentials")
        }
        let fields = document.roleCredentials
        return Credentials(
            accessKeyID: fields.accessKeyId, secretAccessKey: fields.secretAccessKey,
            sessionToken: fields.sessionToken,
            expiration: Timestamp(secondsSince1970: fields.expiration / 1000),
            source: "sign-in of profile \(name)")
    }

    /// The token that `aws sso login` left, renewed when it is about to end and can be.
    private func token(_ signIn: SignIn, _ name: String) async throws(AWSError) -> SignInToken {
        guard let home = configuration.variable("HOME") else {
            throw AWSError(.configuration, "sign-in of profile \(name)", "HOME is not set")
        }
        let file = signIn.tokenFile(home: FilePath(home))
        let token: SignInToken
        do throws(AWSError) {
            token = try SignInToken.read(file)
        } catch {
            guard error.isMissingFile else { throw error }
            throw AWSError(.configuration, "sign-in of profile \(name)", "nobody has signed in yet")
        }
        let rest = token.expiration?.seconds(since: connection.clock.now()) ?? 0
        if rest > Self.renewalWindow { return token }
        do throws(AWSError) {
            if signIn.isSession, let renewed = try await renewed(token, signIn) {
                renewed.write(file)
                return renewed
            }
        } catch {
            if rest <= 0 { throw error }
        }
        guard rest > 0 else {
            throw AWSError(
                .configuration, "sign-in of profile \(name)", "it has ended (\(token.expiresAt.visible))")
        }
        return token
    }

    /// CreateToken of IAM Identity Center's OpenID Connect; nil when the token was not made to be renewed.
    private func renewed(_ token: SignInToken, _ signIn: SignIn) async throws(AWSError) -> SignInToken? {
        guard let refresh = token.refreshToken, let client = token.clientId, let secret = token.clientSecret
        else { return nil }
        let now = connection.clock.now()
        if let text = token.registrationExpiresAt, let end = Timestamp(iso8601: text), end <= now {
            return nil
        }
        let context = try signInContext(.ssoOIDC, signIn)
        let subject = context.subject("CreateToken")
        var request = AWSRequest("POST", context.endpoint, path: "/token")
        request.headers["Content-Type"] = "application/json"
        let fields = [
            "grantType": "refresh_token", "clientId": client, "clientSecret": secret,
            "refreshToken": refresh,
        ]
        guard let body = try? JSONEncoder().encode(fields) else { return nil }
        request.body = .bytes(Array(body))
        let answer = try await context.send(request, subject)
        guard let created = try? JSONDecoder().decode(CreatedToken.self, from: Data(answer.body)) else {
            throw AWSError(.decoding, subject, "the answer has no token")
        }
        var renewed = token
        renewed.accessToken = created.accessToken
        renewed.refreshToken = created.refreshToken ?? refresh
        renewed.expiresAt = now.advanced(bySeconds: created.expiresIn).iso8601Text
        return renewed
    }

    /// These two services are asked without a signature: the token says who asks.
    private func signInContext(
        _ service: AWSService, _ signIn: SignIn
    ) throws(AWSError) -> ServiceContext {
        ServiceContext(
            service: service, endpoint: try configuration.endpoint(for: service, region: signIn.region),
            region: signIn.region, credentials: nil, connection: connection)
    }

    /// Whatever is wrong with a sign-in, but for what it may do, signing in again helps.
    private static func advised(_ error: AWSError, _ name: String) -> AWSError {
        if case .transport = error.kind { return error }
        if error.serviceFailure?.status == 403 { return error }
        let command = "`aws sso login --profile \(name.visible)`"
        return AWSError(
            error.kind, error.subject, error.reason + "; run \(command)", hint: "run \(command)")
    }
}

private struct RoleCredentials: Decodable {
    struct Fields: Decodable {
        var accessKeyId: String
        var secretAccessKey: String
        var sessionToken: String
        var expiration: Double
    }

    var roleCredentials: Fields
}

private struct CreatedToken: Decodable {
    var accessToken: String
    var expiresIn: Double
    var refreshToken: String?
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-options.h"

#include <string.h>

#define REQUIRED DOOR_KEY_FLAG_REQUIRED
#define LOCALISED DOOR_KEY_FLAG_LOCALISED
#define RESTART DOOR_KEY_FLAG_RESTART
#define FILE_ONLY DOOR_KEY_FLAG_FILE_ONLY

static const DoorKey doorward_keys[] = {
  { "ExternalUrl", DOOR_KEY_URL, REQUIRED, NULL, NULL,
    "The address people and identity providers use, without a path: https://mdm.example.com." },
  { "MdmUrl", DOOR_KEY_URL, 0, NULL, NULL,
    "The address devices use, if it is another one; the last two labels of both host names must be the "
    "same. Default: ExternalUrl." },
  { "OrganizationName", DOOR_KEY_STRING, REQUIRED | LOCALISED, NULL, NULL,
    "Name of the organisation, shown on pages and in enrollment profiles." },
  { "SupportEmail", DOOR_KEY_STRING, 0, NULL, NULL,
    "Mail address of the help desk, shown on error pages. At least one of SupportEmail, SupportPhone and "
    "SupportUrl is required." },
  { "SupportPhone", DOOR_KEY_STRING, 0, NULL, NULL, "Telephone number of the help desk." },
  { "SupportUrl", DOOR_KEY_URL, 0, NULL, NULL, "Web page of the help desk." },
  { "Strict", DOOR_KEY_BOOLEAN, 0, "true", NULL,
    "Refuse a group or key that does not exist, and a secret that stands in a file instead of a reference. "
    "With false they are warnings: what does not exist is ignored, so a mistyped AllowedGroups lets "
    "everybody in, and the secret is used." },
  { "LogLevel", DOOR_KEY_ENUM, 0, "info", "error;warning;info;debug",
    "The least important messages logged." },
  { "LogPersonalData", DOOR_KEY_BOOLEAN, 0, "false", NULL,
    "Log e-mail addresses as they are. Otherwise a hash stands in their place." },
  { NULL },
};

static const DoorKey plugins_keys[] = {
  { "Load", DOOR_KEY_LIST, RESTART, NULL, NULL,
    "Names of the plugins to load; no other is opened. A plugin that cannot be loaded stops the start." },
  { NULL },
};

static const DoorKey listen_keys[] = {
  { "Sockets", DOOR_KEY_LIST, RESTART, NULL, NULL,
    "Unix sockets for the proxy. Default: one for each I/O thread in the runtime directory." },
  { "SocketGroup", DOOR_KEY_STRING, RESTART, NULL, NULL, "Group of the sockets: the one the proxy runs in." },
  { "Https", DOOR_KEY_LIST, RESTART, NULL, NULL,
    "ADDRESS:PORT of TLS listeners, for TlsMode=files: laboratories and trusted networks." },
  { "Http", DOOR_KEY_LIST, RESTART, NULL, NULL,
    "ADDRESS:PORT of listeners without TLS, for a proxy that uses TCP." },
  { "Management", DOOR_KEY_LIST, RESTART, NULL, NULL,
    "Where an operator asks /healthz, /readyz and /metrics (Prometheus), without TLS: ADDRESS:PORT on "
    "loopback, such as 127.0.0.1:9280, or a unix socket. Default: nowhere." },
  { "TlsMode", DOOR_KEY_ENUM, RESTART, "proxy", "proxy;files",
    "Who does TLS: a proxy, or this server with the certificate of TlsCertificate. The server itself has no "
    "limit of requests for each address and keeps slow clients for ClientTimeout: files is for "
    "laboratories, development and trusted networks, not for the Internet." },
  { "TlsCertificate", DOOR_KEY_PATH, 0, NULL, NULL, "Certificate chain (PEM) for TlsMode=files." },
  { "TlsKey", DOOR_KEY_SECRET, 0, NULL, NULL, "Its private key (PEM)." },
  { "TrustedProxies", DOOR_KEY_LIST, RESTART, NULL, NULL,
    "Addresses or networks (CIDR) of proxies on TCP that may name the client. The sockets of Sockets are "
    "always trusted." },
  { "ForwardedHeaders", DOOR_KEY_ENUM, RESTART, "x-forwarded", "none;x-forwarded;rfc7239",
    "How a trusted proxy names the client: not at all, X-Forwarded-For and its kin, or Forwarded." },
  { "ClientCertHeader", DOOR_KEY_STRING, RESTART, NULL, NULL,
    "Header in which a trusted proxy passes the client's certificate (RFC 9440 or escaped PEM). The proxy "
    "must set exactly this header in every request, to nothing where there is no certificate: else any "
    "client sends one of its own. The packaged nginx site clears Client-Cert only." },
  { "MaxConnections", DOOR_KEY_INTEGER, RESTART, "4096", "1..1000000",
    "Connections served at the same time, the proxy's. For one more the longest idle one is closed. Never "
    "more than the limit of file descriptors (LimitNOFILE=) allows." },
  { "QueueLength", DOOR_KEY_INTEGER, RESTART, "1024", "1..65536",
    "Requests that may wait for a worker thread. One more is answered with 503 and Retry-After." },
  { "RequestTimeout", DOOR_KEY_DURATION, RESTART, "30s", "1s..10min",
    "How long a request may wait and be worked on before it is given up and answered with 503." },
  { "ClientTimeout", DOOR_KEY_DURATION, RESTART, "90s", "1s..1h",
    "How long a client may take to send a request, to take an answer, or be idle; longer than the proxy "
    "keeps idle connections (keepalive_timeout in the nginx site)." },
  { "MaxHandshakes", DOOR_KEY_INTEGER, RESTART, "512", "1..65536",
    "TlsMode=files: connections, for each I/O thread, that have not finished the TLS handshake; the oldest "
    "makes room for a new one." },
  { "HandshakesPerAddress", DOOR_KEY_INTEGER, RESTART, "64", "1..65536",
    "TlsMode=files: how many of them one address may have." },
  { "HandshakeTimeout", DOOR_KEY_DURATION, RESTART, "10s", "1s..10min",
    "TlsMode=files: how long a client may take from its connection to the end of the handshake." },
  { "SignInsPerMinute", DOOR_KEY_INTEGER, 0, "30", "1..100000",
    "Sign-ins one address may start in a minute, on this server; all together 200 times as many." },
  { "Workers", DOOR_KEY_INTEGER, RESTART, "0", "0..256",
    "Worker threads; 0 chooses by the number of cores." },
  { "IoThreads", DOOR_KEY_INTEGER, RESTART, "0", "0..64", "I/O threads; 0 chooses by the number of cores." },
  { NULL },
};

static const DoorKey database_keys[] = {
  { "Driver", DOOR_KEY_STRING, RESTART, "sqlite", NULL, "Name of the storage plugin." },
  { "PoolSize", DOOR_KEY_INTEGER, RESTART, "8", "1..256", "Connections for reading." },
  { "StateKey", DOOR_KEY_SECRET, RESTART, NULL, NULL,
    "Key that protects secrets kept in the database. Default: made at the first start and kept in the state "
    "directory with mode 0600." },
  { NULL },
};

static const DoorKey sign_in_keys[] = {
  { "FlowLifetime", DOOR_KEY_DURATION, 0, "24h", "1s..7d",
    "How long a device may take from its first page to the end." },
  { "RequestLifetime", DOOR_KEY_DURATION, 0, "30min", "1s..24h",
    "How long one sign-in at the identity provider may take; afterwards the page offers to try again." },
  { "ClockSkew", DOOR_KEY_DURATION, 0, "90s", "0s..10min",
    "Difference of clocks tolerated in answers of identity providers." },
  { "AccessTokenLifetime", DOOR_KEY_DURATION, 0, "1h", "1s..24h",
    "How long after the sign-in the device may fetch its profile and enroll. With AccountSignIn=oauth2: how "
    "long each access token lives. With AccountSignIn=oauth2-forward: how long one of the provider's is "
    "believed, if it lives that long, until it is judged again." },
  { "ProfileLinkLifetime", DOOR_KEY_DURATION, 0, "15min", "1s..24h",
    "How long after the sign-in a device that came by Automated Device Enrollment or an enrollment link may "
    "take to fetch its profile; from then on it has ChallengeLifetime of [scep] to enroll." },
  { "AttemptRetention", DOOR_KEY_DURATION, 0, "30d", "1d..3650d",
    "How long records of sign-ins are kept, failed ones included." },
  { "IdpSelection", DOOR_KEY_ENUM, 0, "auto", "auto;chooser;domain",
    "Several identity providers: by the domain of the account if one claims it and by a page otherwise, "
    "always by a page, or by the domain only." },
  { "AutoRedirect", DOOR_KEY_BOOLEAN, 0, "true", NULL,
    "Go straight to the identity provider when there is only one." },
  { NULL },
};

static const DoorKey enrollment_keys[] = {
  { "Flows", DOOR_KEY_LIST, 0, "account;ade;link", "account;ade;link",
    "Ways to enroll: account (account-driven enrollment), ade (Automated Device Enrollment: a new device "
    "that Apple Business Manager assigns here), link (an enrollment link that an administrator has made). "
    "Whoever comes by another way is refused. Apple is not told of this: a new device whose team has no ade "
    "still comes here, and gets no further than a page in Setup Assistant until its team has ade, or doorctl "
    "dep assign or [ade/NAME] gives it one that has." },
  { "MinimumOs", DOOR_KEY_LIST, 0, NULL, NULL,
    "Oldest systems with which a device may enroll by Automated Device Enrollment, such as "
    "iPhone:17.0;iPad:17.0;Mac:14.0. One that is older is told to install this version first, if it can, "
    "and refused otherwise. Mac:latest is the newest version that Apple offers to everybody for the model; "
    "for it this server asks https://gdmf.apple.com some times a day, and lets devices enroll with any "
    "system while it knows nothing. Default: any." },
  { "RequireSignIn", DOOR_KEY_BOOLEAN, 0, "true", NULL,
    "Whether a person must sign in before a device gets its profile. With false a device that Apple "
    "Business Manager assigns here asks nobody, enrolls by its serial number alone, and belongs to nobody; "
    "the other ways always ask for a sign-in." },
  { "ModelFamilies", DOOR_KEY_LIST, 0, "iPhone;iPad;Mac;RealityDevice", "iPhone;iPad;Mac;RealityDevice",
    "Kinds of device that may enroll." },
  { "AccountDeviceFamilies", DOOR_KEY_LIST, 0, NULL, "iPhone;iPad;Mac;RealityDevice",
    "Kinds of device, of those in ModelFamilies, that account-driven enrollment puts under management as a "
    "whole; the others get a work account beside the personal one. Needs iOS 17, macOS 14 or visionOS 1.1: "
    "an older device of these kinds is refused. Default: none." },
  { "Idps", DOOR_KEY_LIST, 0, NULL, NULL, "Names of the identity providers offered. Default: all." },
  { "AllowedGroups", DOOR_KEY_LIST, 0, NULL, NULL,
    "Only members of at least one of these groups may enroll. Default: everyone." },
  { "DeniedGroups", DOOR_KEY_LIST, 0, NULL, NULL, "Members of these groups may not enroll, whatever else." },
  { "AllowedDomains", DOOR_KEY_LIST, 0, NULL, NULL,
    "Only accounts of these domains may enroll. Default: every domain. A domain that a team lists enrolls "
    "into that team only." },
  { "AccountSignIn", DOOR_KEY_ENUM, 0, "web", "web;oauth2;oauth2-forward",
    "How account-driven enrollment signs people in: on a page that ends with an access token (web, "
    "apple-as-web), or with an authorization code that the device exchanges for an access token and a "
    "refresh token (oauth2, apple-oauth2), which it renews for as long as it is enrolled and, with "
    "LivenessCheck of [idp/NAME], the provider agrees. oauth2-forward is the same with the provider's own "
    "tokens: the device goes to the provider at "
    "once, and what it asks for tokens is handed on there with the client secret, which no device sees. It "
    "needs exactly one provider with Use=enrollment, by Idps, that speaks OpenID Connect and takes a proof "
    "of who this server is; the redirect URI apple-remotemanagement-user-login:/oauth2/redirection "
    "registered there; and no Eula, since no page of this server is shown. AccessTokens of [idp/NAME] says "
    "how such a token is judged." },
  { "RequireBearer", DOOR_KEY_ENUM, 0, "enrollment", "enrollment;always",
    "Until when devices that came by AccountSignIn=oauth2 or oauth2-forward need an access token: until "
    "they are enrolled, after which their certificate is enough, or always. With always a device whose "
    "access token has expired renews it; where the provider has closed the account it cannot, if the "
    "provider is asked (LivenessCheck of [idp/NAME], or oauth2-forward), and is refused until somebody signs "
    "in on it again. People cannot be deactivated here; doorctl device end ends one device. Macs carry none "
    "and are not asked for one." },
  { "Eula", DOOR_KEY_STRING, 0, NULL, NULL,
    "Name of the [eula/NAME] that people must agree to, after the sign-in and before their device gets "
    "anything. Needs RequireSignIn=true. none, in a team: nothing." },
  { "Intro", DOOR_KEY_LIST, LOCALISED, NULL, NULL,
    "Text that people read before they sign in, above the button or the choice of providers: its "
    "paragraphs, each an item of the list. With it nobody is sent straight to the only provider on the "
    "first visit. none, in a team: no text." },
  { "UserAuthenticate", DOOR_KEY_ENUM, 0, "refuse", "refuse;accept",
    "Whether somebody who signs in to an enrolled Mac with a network account is managed there too. Such "
    "users are not asked to prove who they are, the Mac has done so." },
  { "Ota", DOOR_KEY_BOOLEAN, 0, "false", NULL,
    "Whether a device that comes by an enrollment link must show, by the certificate that it has from "
    "Apple, which one it is before it gets its profile (Profile Service, over-the-air enrollment). The "
    "ticket is of that device alone then, and what its certificate vouches for is what it is known by. The "
    "device does more steps by itself, the person does none." },
  { "EnrollReference", DOOR_KEY_ENUM, 0, "off", "off;compatible",
    "What the address that devices check in at looks like in their profile (ServerURL): the same for every "
    "device (off), or with ?enroll_reference= and a random UUID of the enrollment behind it, for whatever "
    "else reads it there (compatible). This server notes in its log whether a device sends what is its own, "
    "and believes nothing else because of it. A device refuses a profile with another ServerURL than the "
    "one that it has, so an enrollment keeps what it began with, in its renewals as well; and with "
    "compatible an enrolled device whose person enrolls it again must remove the former profile first." },
  { "OsquerySecret", DOOR_KEY_SECRET, 0, NULL, NULL,
    "Enroll secret of agents of osquery, of at least 16 bytes, or several, one a line, while one takes the "
    "place of another; whoever came by one that is no more has to come again. A team's opens that team "
    "alone, the one of [enrollment] what belongs to no team. "
    "Agents confirm that a device is still the one that was enrolled; they link nobody to anything. They "
    "need the table mdm (macadmins' extension), and only devices that are managed as a whole are confirmed. "
    "Default: no agent is let in." },
  { "LocalAccountName", DOOR_KEY_STRING, 0, "{email-prefix}", NULL,
    "Short name of the account that a Mac in Setup Assistant prepares for the person who signed in: text "
    "with the words {email-prefix}, {user-name}, {full-name}, {given-name}, {family-name}, {given-initial} "
    "and {family-initial}. It becomes small letters without accents; what is no letter, digit, dot, minus "
    "or underscore is left out, it begins with a letter and has at most 31 characters. A name of the "
    "system, or that of ManagedAdmin, is followed by a number. none prepares no account." },
  { "LocalAccountFullName", DOOR_KEY_STRING, 0, "{full-name}", NULL,
    "Full name of that account, in the same words. Where they give nothing, or an address: given name and "
    "family name, else the short name." },
  { "LockLocalAccount", DOOR_KEY_BOOLEAN, 0, "true", NULL,
    "The person cannot change the two names in Setup Assistant." },
  { "PrimaryAccount", DOOR_KEY_ENUM, 0, "admin", "admin;standard;none",
    "Which account the person makes on a Mac: an administrator, a standard user, or none. The last two need "
    "ManagedAdmin, other than none." },
  { "ManagedAdmin", DOOR_KEY_STRING, 0, NULL, NULL,
    "Short name of an administrator that each Mac is given in Setup Assistant, with a password of its own, "
    "which doorctl device admin-password shows. none, in a team: no such account. Default: none." },
  { "ManagedAdminFullName", DOOR_KEY_STRING, 0, NULL, NULL, "Its full name. Default: the short one." },
  { "HideManagedAdmin", DOOR_KEY_BOOLEAN, 0, "true", NULL,
    "The managed administrator is not shown at the login window." },
  { "ReleaseAfter", DOOR_KEY_DURATION, 0, "15min", "1min..24h",
    "How long a device waits in Setup Assistant at most. It is let go as soon as it has answered the "
    "commands it was sent, and after this time in any case." },
  { NULL },
};

static const DoorKey eula_keys[] = {
  { "File", DOOR_KEY_PATH, REQUIRED | LOCALISED, NULL, NULL,
    "The document, HTML in UTF-8 or PDF, at most 2 MiB. File[de] and so on are the same in other languages; "
    "without a language it is for everybody else. HTML is shown on the page, where no script of it runs and "
    "nothing is loaded: styles and pictures must be inside (style elements, data: addresses). Read at the "
    "start and by doorctl config reload." },
  { "Version", DOOR_KEY_STRING, REQUIRED, NULL, NULL,
    "What this version is called. Each consent is kept with it and with the hash of the file that was "
    "shown." },
  { "Reprompt", DOOR_KEY_BOOLEAN, 0, "false", NULL,
    "Ask at each enrollment. Otherwise who has agreed to this version, in any of its languages, is not "
    "asked again; a file that was changed is a document nobody has agreed to, with a new Version or "
    "without." },
  { NULL },
};

static const DoorKey team_keys[] = {
  { "Title", DOOR_KEY_STRING, LOCALISED, NULL, NULL, "Name of the team on pages." },
  { "Id", DOOR_KEY_INTEGER, 0, NULL, "1..4294967295",
    "Number by which FLEET_JIT_USER_ROLE_TEAM_ID names the team; no two teams may have the same." },
  { "AdminGroups", DOOR_KEY_LIST, 0, NULL, NULL,
    "Groups whose members administer this team in the role admin, with Jit in [admin]." },
  { "MaintainerGroups", DOOR_KEY_LIST, 0, NULL, NULL, "The same for the role maintainer." },
  { "HelpdeskGroups", DOOR_KEY_LIST, 0, NULL, NULL, "The same for the role helpdesk." },
  { "ObserverGroups", DOOR_KEY_LIST, 0, NULL, NULL, "The same for the role observer." },
  { NULL },
};

static const DoorKey admin_keys[] = {
  { "Jit", DOOR_KEY_BOOLEAN, 0, "false", NULL,
    "Make an administrator of whoever signs in for the first time through a provider with Use=admin, and "
    "take roles from the provider. Otherwise only those may sign in who were added with doorctl admin add." },
  { "DefaultRole", DOOR_KEY_ENUM, 0, "observer", "observer;none",
    "Role, everywhere, of a new administrator for whom the provider names none; none refuses the sign-in." },
  { "RoleAttributes", DOOR_KEY_ENUM, 0, "both", "both;doorward;fleet;none",
    "Attributes of the provider that name roles: FLEET_JIT_USER_ROLE_GLOBAL, FLEET_JIT_USER_ROLE_TEAM_ID "
    "and FLEET_JIT_USER_ROLE_FLEET_ID (fleet), DOORWARD_ROLE_GLOBAL and DOORWARD_ROLE_TEAM_NAME (doorward), "
    "both kinds, or none. They win over groups." },
  { "RoleSync", DOOR_KEY_ENUM, 0, "always", "always;first-login;authoritative",
    "When roles are taken from the provider: at every sign-in that names any (always), at the first one "
    "only, or at every sign-in, so that a role the provider no longer names is lost (authoritative)." },
  { "AdminGroups", DOOR_KEY_LIST, 0, NULL, NULL,
    "Groups whose members administer everything in the role admin. Who is in groups of several roles has "
    "the first of admin, maintainer, helpdesk and observer. A role everywhere leaves those in teams out." },
  { "MaintainerGroups", DOOR_KEY_LIST, 0, NULL, NULL, "The same for the role maintainer." },
  { "HelpdeskGroups", DOOR_KEY_LIST, 0, NULL, NULL, "The same for the role helpdesk." },
  { "ObserverGroups", DOOR_KEY_LIST, 0, NULL, NULL, "The same for the role observer." },
  { "TokenMode", DOOR_KEY_ENUM, 0, "short", "short;day",
    "What a session gives to programs (POST /api/v1/auth/token): a token of minutes with a refresh token "
    "(short), or a token of 24 hours without, for programs that expect to sign in once a day (day). Either "
    "ends with its session. With day a session lives for 24 hours unless SessionLifetime is longer, "
    "SessionIdle is for browsers only, and who signs in through a provider has no personal access tokens." },
  { "TokenLifetime", DOOR_KEY_DURATION, 0, "10min", "1min..1h",
    "How long such a token lives with TokenMode=short; it ends with its session in any case, and while that "
    "lives the refresh token gives a new one." },
  { "FederatedTokens", DOOR_KEY_BOOLEAN, 0, "true", NULL,
    "Whether administrators who sign in through a provider may have personal access tokens. Such a token "
    "works until it ends, is revoked, or the account is deactivated here: that the provider has closed the "
    "account, nobody tells it. With false, and with TokenMode=day, none can be made, and those there are do "
    "not work." },
  { "Passwords", DOOR_KEY_BOOLEAN, 0, "false", NULL,
    "Let administrators without single sign-on sign in with an e-mail address and a password, at "
    "/admin/login and POST /api/v1/auth/login. Off by default: a password is guessed, shared and phished, "
    "knows no second factor, and lives on when the person has left. Meant for one account that opens the "
    "door when no provider answers." },
  { "SessionLifetime", DOOR_KEY_DURATION, 0, "12h", "1min..30d",
    "How long an administrator stays signed in at most; the provider may say less. At least 24h with "
    "TokenMode=day." },
  { "SessionIdle", DOOR_KEY_DURATION, 0, "1h", "1min..30d",
    "How long a session of an administrator lives without a request." },
  { NULL },
};

static const DoorKey apple_keys[] = {
  { "Topic", DOOR_KEY_STRING, 0, NULL, NULL,
    "Topic of the push certificate, com.apple.mgmt.External.UUID; it stands in every enrollment profile. "
    "Default: the one of the push certificate." },
  { "PushCertificate", DOOR_KEY_PATH, 0, NULL, NULL,
    "Push certificate from Apple, and maybe those above it (PEM), in place of one that doorctl apns import "
    "has put into the database." },
  { "PushKey", DOOR_KEY_SECRET, 0, NULL, NULL, "Its private key (PEM)." },
  { "PushServer", DOOR_KEY_STRING, RESTART, "api.push.apple.com:443", NULL,
    "Host and port of Apple's push service. api.push.apple.com:2197 is for networks that let nothing else "
    "out; other hosts are for development mode." },
  { "PushServerCa", DOOR_KEY_PATH, RESTART, NULL, NULL,
    "Certificates (PEM) of whoever may certify PushServer, in place of those the system trusts. In "
    "development mode only." },
  { "UpdateList", DOOR_KEY_URL, 0, NULL, NULL,
    "In development mode: the list of updates to read for MinimumOs in place of the one at "
    "https://gdmf.apple.com." },
  { "SigningCertificate", DOOR_KEY_PATH, 0, NULL, NULL,
    "Certificate chain (PEM) with which profiles are signed; the one of the web server will do. Required "
    "outside development mode." },
  { "SigningKey", DOOR_KEY_SECRET, 0, NULL, NULL, "Its private key (PEM)." },
  { "DeviceAnchor", DOOR_KEY_PATH, 0, NULL, NULL,
    "Certificate (PEM) of an authority whose certificates pass for those that Apple gives to devices. In "
    "development mode only, for devices that are simulated." },
  { NULL },
};

static const DoorKey scep_keys[] = {
  { "CaCertificate", DOOR_KEY_PATH, RESTART, NULL, NULL,
    "Certificate (PEM) of the authority that issues identity certificates. Default: made at the first "
    "start." },
  { "CaKey", DOOR_KEY_SECRET, RESTART, NULL, NULL, "Its private key (PEM)." },
  { "AllowDes", DOOR_KEY_BOOLEAN, 0, "false", NULL, "Accept single DES in requests. For laboratories only." },
  { "ChallengeLifetime", DOOR_KEY_DURATION, 0, "2h", "1s..7d",
    "How long a device may take from its profile to its certificate." },
  { "CertificateLifetime", DOOR_KEY_DURATION, 0, "365d", "1d..3650d", "Lifetime of identity certificates." },
  { "RenewBefore", DOOR_KEY_DURATION, 0, "30d", "1h..365d",
    "How long before its identity certificate ends a device is asked to renew it; at most a third of "
    "CertificateLifetime. It is asked again after a quarter of what is left, a week at most, until it does. "
    "Once the certificate has ended the device must be enrolled again." },
  { NULL },
};

static const DoorKey idp_keys[] = {
  { "Type", DOOR_KEY_STRING, REQUIRED, NULL, NULL,
    "Kind of provider; a loaded plugin must know it. saml fits every SAML 2.0 provider." },
  { "DisplayName", DOOR_KEY_STRING, LOCALISED, NULL, NULL, "Name on pages. Default: the provider's own." },
  { "Enabled", DOOR_KEY_BOOLEAN, 0, "true", NULL, "Offer this provider." },
  { "Use", DOOR_KEY_LIST, 0, "enrollment", "enrollment;admin;test",
    "What people sign in for here: to enroll devices (enrollment), to administer this server (admin), or "
    "for doorctl idp test only (test)." },
  { "EmailDomains", DOOR_KEY_LIST, 0, NULL, NULL,
    "Domains whose accounts sign in here, and no others. Default: every domain that no other provider "
    "names." },
  { "Protocol", DOOR_KEY_ENUM, 0, NULL, "saml;oidc",
    "SAML 2.0 or OpenID Connect. Default: oidc where ClientId is set, else saml." },
  { "Issuer", DOOR_KEY_URL, 0, NULL, NULL,
    "For OpenID Connect: the issuer, exactly as the provider writes it, with or without a slash at its end. "
    "Its discovery document is below it." },
  { "DiscoveryUrl", DOOR_KEY_URL, 0, NULL, NULL,
    "Where the discovery document is, if not at Issuer/.well-known/openid-configuration." },
  { "ClientId", DOOR_KEY_STRING, 0, NULL, NULL, "Client id that the provider has given this server." },
  { "ClientSecret", DOOR_KEY_SECRET, 0, NULL, NULL, "Its secret. It is read for each sign-in." },
  { "ClientAuth", DOOR_KEY_ENUM, 0, "auto", "auto;secret_basic;secret_post;private_key_jwt;none",
    "How this server proves to the provider that it is the client. auto: with the secret, in the header if "
    "the provider takes it there, else in the body. private_key_jwt: with a key that is made when it is "
    "first needed; the provider finds its public half at ExternalUrl/oidc/NAME/jwks.json. none: not at all, "
    "as a public client. What is set here is not replaced by anything else: a provider that does not offer "
    "it is not asked." },
  { "ClientAudience", DOOR_KEY_ENUM, 0, "issuer", "issuer;token-endpoint",
    "For ClientAuth=private_key_jwt: to whom what is signed is made out. Some providers take only the "
    "address of their token endpoint." },
  { "AccessTokens", DOOR_KEY_ENUM, 0, "introspection", "introspection;jwt",
    "For AccountSignIn=oauth2-forward: how an access token of the provider is judged that a device brings. "
    "introspection: the provider is asked at its introspection endpoint (RFC 7662). jwt: the token must be "
    "a JWT that says of itself that it is an access token (RFC 9068, typ at+jwt), signed by a key of the "
    "provider; it is not asked, so a token that is taken back there is good until it expires. Either must "
    "be given to ClientId." },
  { "AccessTokenAudience", DOOR_KEY_STRING, 0, NULL, NULL,
    "Whom such a token must be for (aud), where that is not ClientId." },
  { "LivenessCheck", DOOR_KEY_DURATION, 0, "0s", "0s..7d",
    "For OpenID Connect: how often the provider is asked, by a refresh token, whether a session of an "
    "administrator that is in use is still good. One it refuses ends; while it cannot be reached, sessions "
    "go on to their ordinary end. A session for which the provider has given no refresh token ends after "
    "this time. With AccountSignIn=oauth2, and any value but 0s, the provider is also asked each time a "
    "device renews its access token: what it refuses ends, and while it cannot be reached its last word "
    "counts for 24 hours; then the device is told to come again. 0s: never." },
  { "Scopes", DOOR_KEY_LIST, 0, "openid;profile;email", NULL,
    "Scopes asked for; some providers send groups only for one more." },
  { "UserInfo", DOOR_KEY_BOOLEAN, 0, "false", NULL,
    "Ask the userinfo endpoint too, for a provider whose ID token does not have all claims." },
  { "MetadataUrl", DOOR_KEY_URL, 0, NULL, NULL,
    "Where the provider publishes its metadata. Exactly one source is needed: MetadataUrl, MetadataFile, "
    "MetadataUpload, or EntityId with SsoUrl and Certificates." },
  { "MetadataFile", DOOR_KEY_PATH, 0, NULL, NULL, "The provider's metadata as a file." },
  { "EntityId", DOOR_KEY_STRING, 0, NULL, NULL,
    "Entity id of a provider without metadata. Beside metadata it names the one provider meant: where there "
    "are several, or where its name has changed." },
  { "SharedEntityId", DOOR_KEY_BOOLEAN, 0, "false", NULL,
    "Another [idp/NAME] may be of the same entity id, with another Use=. Without this it is refused, by "
    "doorctl config check in files and by the API in the database: people belong to the connection by which "
    "they came." },
  { "SsoUrl", DOOR_KEY_URL, 0, NULL, NULL, "Its sign-in address (HTTP-Redirect binding)." },
  { "Certificates", DOOR_KEY_LIST, FILE_ONLY, NULL, NULL, "Files (PEM) with its signing certificates." },
  { "MetadataRefresh", DOOR_KEY_DURATION, 0, "6h", "5min..30d",
    "How often MetadataUrl is read again, where the metadata does not say how long it may be kept "
    "(cacheDuration; from 5 min to 30 d is listened to). Always earlier than its end (validUntil) and than "
    "MetadataMaxStale." },
  { "MetadataMaxStale", DOOR_KEY_DURATION, 0, "14d", "1h..365d",
    "How long metadata that was read from MetadataUrl is used when it cannot be read again. Afterwards "
    "nobody can sign in there." },
  { "MetadataSigner", DOOR_KEY_PATH, 0, NULL, NULL,
    "File (PEM) with the certificate or the public key of whoever signs the metadata. It is then refused "
    "unless its root element is signed by that key." },
  { "MetadataUpload", DOOR_KEY_BOOLEAN, 0, "false", NULL,
    "The metadata is put into the database, by doorctl idp set-metadata or the API, and read from nowhere "
    "else. Until then nobody can sign in here, but the provider can be told about this server already." },
  { "AllowPrivateAddress", DOOR_KEY_BOOLEAN, FILE_ONLY, "false", NULL,
    "Fetch what the provider publishes also from addresses that are not public, such as 10.0.0.1 or those "
    "of this machine. Otherwise a name that leads to one is refused, so that nobody who can change a name "
    "or an address makes this server ask for things inside its own network." },
  { "SpEntityId", DOOR_KEY_STRING, 0, NULL, NULL,
    "Entity id of this server towards the provider. Default: ExternalUrl/saml/NAME." },
  { "RequestBinding", DOOR_KEY_ENUM, 0, "auto", "auto;redirect;post",
    "How requests are sent. post shows a page with a button, since it must be a form; auto redirects, to "
    "the provider's address for POST where it names no other, and redirect never does that." },
  { "ResponseBinding", DOOR_KEY_ENUM, 0, "post", "post;artifact",
    "How answers are asked for. With post the browser brings the answer; with artifact it brings a handle, "
    "and this server fetches the answer from the provider's ArtifactResolutionService, which its metadata "
    "must name and which this server must reach. What is fetched must be signed all the same." },
  { "SignRequests", DOOR_KEY_BOOLEAN, 0, "true", NULL,
    "Sign requests, with a key that is made when it is first needed. Where the provider's metadata demands "
    "it they are signed in any case. Some providers refuse signed requests until they were given this "
    "server's metadata." },
  { "AuthnContext", DOOR_KEY_STRING, 0, NULL, NULL,
    "Class of authentication to ask for, exactly (RequestedAuthnContext). Default: none, since some "
    "providers refuse people who have signed in better than that." },
  { "Encryption", DOOR_KEY_BOOLEAN, 0, "false", NULL,
    "Publish a key to encrypt for in this server's metadata, and decrypt assertions. Many providers encrypt "
    "as soon as they see such a key." },
  { "WantEncrypted", DOOR_KEY_BOOLEAN, 0, "false", NULL,
    "Refuse assertions that are not encrypted. Needs Encryption." },
  { "SingleLogout", DOOR_KEY_BOOLEAN, 0, "false", NULL,
    "End sessions of administrators in both places. By SAML, publish an address for logout in this server's "
    "metadata: a person who signs out at the provider, or is signed out there, loses the sessions here; the "
    "provider's messages must be signed. Who logs out here is sent to the provider to sign out there too, "
    "if it has an address for that; by OpenID Connect the provider must know ExternalUrl/oidc/NAME/logout "
    "as an address to come back to." },
  { "LogoutIssuers", DOOR_KEY_LIST, 0, NULL, NULL,
    "Other names by which the provider calls itself in logout messages. Default: only its entity id." },
  { "WantSigned", DOOR_KEY_ENUM, 0, "either", "either;assertion;response;both",
    "Which part must be signed. What is read must always be covered by a signature." },
  { "AllowSha1", DOOR_KEY_BOOLEAN, 0, "false", NULL,
    "Accept signatures with SHA-1, for a provider that can do nothing better." },
  { "NameIdFormat", DOOR_KEY_ENUM, 0, "none", "none;email;persistent;transient;unspecified",
    "Form of the NameID asked for; none asks for nothing." },
  { "ForceAuthn", DOOR_KEY_BOOLEAN, 0, "false", NULL,
    "Ask the provider to authenticate the person anew each time." },
  { "Subject", DOOR_KEY_LIST, 0, NULL, NULL,
    "Attribute that identifies the person for good. Default: what the provider's type uses, else NameID, "
    "which for OpenID Connect is the claim sub." },
  { "UserName", DOOR_KEY_LIST, 0, NULL, NULL,
    "Attributes with the user name; the first that is present counts, NameID stands for the subject. This "
    "and the following default to what the provider's type knows." },
  { "Email", DOOR_KEY_LIST, 0, NULL, NULL, "Attributes with the e-mail address." },
  { "FullName", DOOR_KEY_LIST, 0, NULL, NULL, "Attributes with the full name." },
  { "GivenName", DOOR_KEY_LIST, 0, NULL, NULL, "Attributes with the given name." },
  { "FamilyName", DOOR_KEY_LIST, 0, NULL, NULL, "Attributes with the family name." },
  { "Department", DOOR_KEY_LIST, 0, NULL, NULL, "Attributes with the department." },
  { "ManagedAccount", DOOR_KEY_LIST, 0, NULL, NULL, "Attributes with the Managed Apple Account." },
  { "Groups", DOOR_KEY_LIST, 0, NULL, NULL, "Attributes with the names or ids of the person's groups." },
  { "AllowIdpInitiated", DOOR_KEY_BOOLEAN, 0, "false", NULL,
    "With Use=admin: accept an answer that this server did not ask for, as a tile on the provider's own "
    "page sends it. Somebody else can then sign a browser in without its owner's doing. Otherwise such an "
    "answer begins a sign-in from here. Never for enrollment." },
  { "RelayStatePaths", DOOR_KEY_LIST, 0, NULL, NULL,
    "With AllowIdpInitiated: paths of this server to which such an answer may lead, by its RelayState. "
    "Every other one leads to /admin." },
  { NULL },
};

static const DoorKey commands_keys[] = {
  { "ResultRetention", DOOR_KEY_DURATION, 0, "90d", "1d..3650d",
    "How long a command that is done is kept, with what the device answered." },
  { NULL },
};

static const DoorKey directory_keys[] = {
  { "Type", DOOR_KEY_STRING, REQUIRED, NULL, NULL, "Kind of directory; a loaded plugin must know it." },
  { NULL },
};

static const DoorKey ade_keys[] = {
  { "SyncInterval", DOOR_KEY_DURATION, 0, "15min", "5s..24h", "How often Apple is asked for changes." },
  { "DefaultTeam", DOOR_KEY_STRING, 0, NULL, NULL,
    "Team of the devices of this server, unless one of the following keys or doorctl dep assign says "
    "otherwise. Default: none." },
  { "DefaultTeamMac", DOOR_KEY_STRING, 0, NULL, NULL, "Team of its Macs." },
  { "DefaultTeamIPhone", DOOR_KEY_STRING, 0, NULL, NULL, "Team of its iPhones." },
  { "DefaultTeamIPad", DOOR_KEY_STRING, 0, NULL, NULL, "Team of its iPads." },
  { "DefaultTeamIPod", DOOR_KEY_STRING, 0, NULL, NULL, "Team of its iPods." },
  { "DefaultTeamVision", DOOR_KEY_STRING, 0, NULL, NULL, "Team of its Apple Vision Pros." },
  { "Profile", DOOR_KEY_PATH, 0, NULL, NULL,
    "A JSON file with what devices are told before they are set up, by Apple's names: skip_setup_items, "
    "department, support_phone_number, is_mandatory and others. The server adds the addresses, and that the "
    "device waits until it is released; the file must not say these." },
  { "ServiceDiscovery", DOOR_KEY_BOOLEAN, 0, "false", NULL,
    "Tell Apple where accounts of the organization find this server, so that people can enroll with their "
    "account although their domain does not serve /.well-known/com.apple.remotemanagement. When it is false "
    "again Apple is told to forget that address." },
  { "Server", DOOR_KEY_URL, 0, NULL, NULL,
    "In development mode: the service to ask in place of https://mdmenrollment.apple.com." },
  { NULL },
};

static const DoorOptionGroup groups[] = {
  { "doorward", false, doorward_keys, NULL, NULL, NULL, "The server and the organisation." },
  { "plugins", false, plugins_keys, NULL, NULL, NULL, "What is loaded." },
  { "listen", false, listen_keys, NULL, NULL, NULL, "Where requests come in." },
  { "database", false, database_keys, NULL, "storage", "Driver",
    "Where state is kept. The storage plugin adds keys." },
  { "sign-in", false, sign_in_keys, NULL, NULL, NULL, "How people sign in." },
  { "enrollment", false, enrollment_keys, NULL, NULL, NULL, "Who may enroll what; a team can override it." },
  { "team", true, team_keys, "enrollment", NULL, NULL,
    "An enrollment address of its own, with its own rules. Each key of [enrollment] may stand here and then "
    "replaces the one there." },
  { "eula", true, eula_keys, NULL, NULL, NULL,
    "One document that people must agree to before their device is enrolled, where Eula= names it." },
  { "admin", false, admin_keys, NULL, NULL, NULL, "Who administers this server, by signing in." },
  { "commands", false, commands_keys, NULL, NULL, NULL, "What devices are told to do." },
  { "apple", false, apple_keys, NULL, NULL, NULL, "What Apple demands of an MDM server." },
  { "scep", false, scep_keys, NULL, NULL, NULL, "Identity certificates of devices." },
  { "idp", true, idp_keys, NULL, "idp", "Type",
    "One identity provider. The plugin of its Type adds keys. It may be kept in the database instead of a "
    "file: see doorctl connection.",
    true },
  { "ade", true, ade_keys, NULL, NULL, NULL,
    "One server of Apple Business Manager or Apple School Manager, made by doorctl dep keypair NAME: what "
    "becomes of its devices." },
  { "directory", true, directory_keys, NULL, "directory", "Type",
    "One directory. The plugin of its Type adds keys, and checks them at the start: a directory that is "
    "wrong stops it. No plugin of this version brings a directory, and the server reads nothing from one." },
  { NULL },
};

/**
 * door_options_list:
 *
 * The one table of the core's groups and keys: validation, defaults and the manual come from it.
 *
 * Returns: (transfer none) (array zero-terminated=1): the groups; a %NULL name ends them
 */
const DoorOptionGroup *
door_options_list (void)
{
  return groups;
}

/**
 * door_options_lookup:
 * @name: "sign-in", or "idp" for `[idp/NAME]`
 *
 * Returns: (transfer none) (nullable): the group
 */
const DoorOptionGroup *
door_options_lookup (const char *name)
{
  for (const DoorOptionGroup *group = groups; group->name != NULL; group++)
    if (strcmp (group->name, name) == 0)
      return group;
  return NULL;
}

/**
 * door_options_lookup_key:
 * @tables: (array zero-terminated=1): tables of keys
 * @name: a key, without a language
 *
 * Returns: (transfer none) (nullable): the first key of that name, maybe a former one (%DOOR_KEY_FLAG_FORMER)
 */
const DoorKey *
door_options_lookup_key (const DoorKey *const *tables, const char *name)
{
  for (; *tables != NULL; tables++)
    for (const DoorKey *key = *tables; key->name != NULL; key++)
      if (strcmp (key->name, name) == 0)
        return key;
  return NULL;
}

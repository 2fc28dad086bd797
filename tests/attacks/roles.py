# SPDX-License-Identifier: LGPL-2.1-or-later
"""Roles and accounts of administrators: who gets more than the provider gave, or somebody else's account."""

import contextlib
import copy

from administration import (CHIEF, DOMAIN, GROWS, USED, Visit, attribute, change, fresh, gets, hop, refused, roles_of,
                            signed_in)
from provider import DSIG, SAML, SAMLP, parse
from table import Wrong, attack, begin, control

GLOBAL, TEAM = "FLEET_JIT_USER_ROLE_GLOBAL", "FLEET_JIT_USER_ROLE_TEAM_"
ROLE, CONFLICT, LINK, DISABLED = "DW-ADM-ROLE", "DW-ADM-ROLECONFLICT", "DW-ADM-LINK", "DW-ADM-DISABLED"
EMAIL, SIGNATURE, STRUCTURE = "DW-ADM-EMAIL", "DW-SAML-SIGNATURE", "DW-SAML-STRUCTURE"
FLEET = "CVE-2025-27509 (Fleet): an administrator by JIT"
SPEC = "spec/001 JIT roles"
MENDER = "CVE-2024-37019 (Mender)"
UNICODE = "CVE-2019-19844 (Django), Unicode TR 36 2; e-mail look-alikes"
ADMIN, OBSERVER = ("", "admin"), ("", "observer")

begin("administrators' roles")


@gets("a role in the signed Assertion", ("", "maintainer"))
def signed_role(visit):
    visit.add(attribute(GLOBAL, "maintainer"))


@gets("two values of one signed attribute: the last wins", ("", "maintainer"))
def last_value(visit):
    visit.add(attribute(GLOBAL, "admin", "maintainer"))


@gets("the signed attribute twice: the last wins", ("", "maintainer"))
def last_attribute(visit):
    visit.add(attribute(GLOBAL, "admin"), attribute(GLOBAL, "maintainer"))


@gets("null in the signed attribute is none", OBSERVER)
def null(visit):
    visit.add(attribute(GLOBAL, "null"))


@refused("attribute added to the Assertion after it was signed", FLEET, SIGNATURE)
def added_after(visit):
    visit.message.signed()
    visit.add(attribute(GLOBAL, "admin"))
    return visit.message.root


@refused("last value added to a signed attribute after it was signed", FLEET, SIGNATURE)
def value_after(visit):
    visit.add(attribute(GLOBAL, "observer"))
    visit.message.signed()
    visit.message.find(f".//saml:Attribute[@Name='{GLOBAL}']").append(attribute(GLOBAL, "admin")[0])
    return visit.message.root


def evil(visit):
    """A copy of the Assertion, not signed, that names a role."""
    forged = visit.message.forged(account=visit.message.account)
    forged.find(".//{*}AttributeStatement").append(attribute(GLOBAL, "admin"))
    return forged


@refused("second Assertion with the role, not signed, behind the signed one", FLEET, STRUCTURE)
def second_behind(visit):
    visit.message.signed()
    visit.message.root.append(evil(visit))
    return visit.message.root


@refused("second Assertion with the role, not signed, before the signed one", FLEET, STRUCTURE)
def second_before(visit):
    visit.message.signed()
    visit.message.root.insert(list(visit.message.root).index(visit.message.assertion), evil(visit))
    return visit.message.root


@refused("XSW: the signed Assertion inside the Object of a forged one's signature", FLEET, STRUCTURE)
def wrapped_object(visit):
    visit.message.signed()
    good, bad = visit.message.assertion, evil(visit)
    signature = copy.deepcopy(good.find(f"{{{DSIG}}}Signature"))
    holder = parse(f'<ds:Object xmlns:ds="{DSIG}"/>')
    visit.message.root.replace(good, bad)
    good.remove(good.find(f"{{{DSIG}}}Signature"))
    holder.append(good)
    signature.append(holder)
    bad.insert(1, signature)
    return visit.message.root


@refused("XSW: the signed Assertion inside the Advice of a forged one", FLEET, STRUCTURE)
def wrapped_advice(visit):
    visit.message.signed()
    good, bad = visit.message.assertion, evil(visit)
    visit.message.root.replace(good, bad)
    advice = parse(f'<saml:Advice xmlns:saml="{SAML}"/>')
    advice.append(good)
    bad.insert(3, advice)
    return visit.message.root


@gets("AttributeStatement with the role as a child of the Response, which is not signed", OBSERVER, source=FLEET)
def in_response(visit):
    visit.message.signed()
    statement = parse(f'<saml:AttributeStatement xmlns:saml="{SAML}"/>')
    statement.append(attribute(GLOBAL, "admin"))
    visit.message.root.append(statement)
    return visit.message.root


@gets("the role in the Extensions of the Response, which are not signed", OBSERVER, source=FLEET)
def in_extensions(visit):
    visit.message.signed()
    extensions = parse(f'<samlp:Extensions xmlns:samlp="{SAMLP}"/>')
    extensions.append(attribute(GLOBAL, "admin"))
    visit.message.root.insert(1, extensions)
    return visit.message.root


for word in ("admin ", " admin", "admin\t", "&#10;admin", "admin&#13;", "Admin", "ADMIN", "adm\u200bin", "\u0430dmin",
             "admin\u0301", "", "owner", "admin,observer", "['admin']", "' OR '1'='1", "a" * 5000):
    refused(f"role {word[:20]!r}", SPEC, ROLE, uses_up=USED)(
        lambda visit, value=word: visit.add(attribute(GLOBAL, value)) and None)

for name in (GLOBAL.lower(), GLOBAL + " ", " " + GLOBAL, GLOBAL.replace("A", "\u0410"), GLOBAL + "\u200b",
             "urn:x:" + GLOBAL, "FLEET_JIT_USER_ROLE"):
    gets(f"attribute named {ascii(name)}, which is not that of the spec", OBSERVER, source=SPEC)(
        lambda visit, text=name: visit.add(attribute(text, "admin")) and None)

for number in ("99999999999999999999999", "4294967297", "18446744073709551617", "-1", "+1", " 1", "1 ", "0x1", "1e0", "1.0",
               "0", "3", "\u0661", "", "1 OR 1=1", "red", "*", "1;2", "9" * 4000):
    refused(f"team {number[:24]!r}", "integer overflow; " + SPEC, ROLE, uses_up=USED)(
        lambda visit, text=number: visit.add(attribute(TEAM + text, "admin")) and None)


@gets("a role in a team", ("red", "admin"))
def in_team(visit):
    visit.add(attribute(TEAM + "1", "admin"))


@refused("a team that is another's by name", "team of another scope", ROLE, uses_up=USED)
def strange_team(visit):
    visit.add(attribute("DOORWARD_ROLE_TEAM_green", "admin"))


@refused("everywhere, written as the team without a name", "team of another scope", ROLE, uses_up=USED)
def nameless_team(visit):
    visit.add(attribute("DOORWARD_ROLE_TEAM_", "admin"))


@refused("one team under two spellings of its number", SPEC, ROLE, uses_up=USED)
def two_spellings(visit):
    visit.add(attribute(TEAM + "1", "observer"), attribute("FLEET_JIT_USER_ROLE_FLEET_1", "admin"))


@refused("one team under its number and with a nought before it", SPEC, ROLE, uses_up=USED)
def leading_zero(visit):
    visit.add(attribute(TEAM + "1", "observer"), attribute(TEAM + "01", "admin"))


@refused("a role everywhere and one in a team", SPEC, CONFLICT, uses_up=USED)
def everywhere_and_team(visit):
    visit.add(attribute(GLOBAL, "observer"), attribute(TEAM + "1", "admin"))


@refused("a role everywhere, and one in a team by the other kind of attribute", SPEC, CONFLICT, uses_up=USED)
def everywhere_and_own_team(visit):
    visit.add(attribute(GLOBAL, "observer"), attribute("DOORWARD_ROLE_TEAM_red", "admin"))


@refused("attributes for a thousand teams", "denial of service", ROLE, uses_up=USED)
def thousand_teams(visit):
    visit.add(*(attribute(f"{TEAM}{number}", "admin") for number in range(3, 1003)))


begin("administrators' accounts")


def victim(play, prefix="victim"):
    """An administrator of everything who has signed in by the first provider."""
    account = fresh(prefix)
    signed_in(play, CHIEF, account, attribute(GLOBAL, "admin"))
    return account


def invited(play, name=None):
    """An account made by hand, by which nobody has signed in yet."""
    account = name or fresh("invited")
    play.stage.doorctl("admin", "add", account, "--role", "admin")
    return account


def taken(play, account):
    """Identities of an account."""
    return play.watch.query("SELECT issuer, subject FROM administrator_identity WHERE administrator_id = (SELECT id FROM "
                            "administrator WHERE email = ?)", account)


def claims(play, name, account):
    """A provider says that its person has this address."""
    visit = Visit(play, name, account)
    play.baseline = play.watch.counts()
    return visit.answer()


@control("an account made by hand is joined at the first sign-in, whatever the case of its letters", plays=True, status=303)
def joined(play):
    account = invited(play)
    found = claims(play, CHIEF, account.upper())
    if len(taken(play, account)) != 1:
        raise Wrong(f"joined with {taken(play, account)}")
    return found


@attack("second provider of the domain claims an address of the first", MENDER, LINK, plays=True, uses_up=USED)
def second_provider(play):
    return claims(play, "rival", victim(play))


@attack("the same in capital letters", MENDER, LINK, plays=True, uses_up=USED)
def second_provider_case(play):
    return claims(play, "rival", victim(play).upper())


@attack("provider of another domain claims the address", MENDER, "DW-ID-DOMAIN", plays=True, uses_up=USED)
def other_domain(play):
    return claims(play, "twin", victim(play))


@attack("provider of another domain claims an account that nobody has used", MENDER, "DW-ID-DOMAIN", plays=True, uses_up=USED)
def other_domain_unused(play):
    return claims(play, "twin", invited(play))


@contextlib.contextmanager
def without(play, name, change_of=""):
    """The server without a provider, or with a change of it, for as long as the block runs."""
    group = play.providers[name].group()
    with play.stage.configured(replace={group: group.replace(f"[idp/{name}]\n", f"[idp/{name}]\n{change_of}", 1)
                                        if change_of else ""}):
        yield


@attack("second provider claims the address, the first is gone", MENDER, LINK, plays=True, uses_up=USED)
def first_gone(play):
    account = victim(play)
    with without(play, CHIEF):
        return claims(play, "rival", account)


@attack("second provider claims the address, the first is switched off", MENDER, LINK, plays=True, uses_up=USED)
def first_off(play):
    account = victim(play)
    with without(play, CHIEF, "Enabled=false\n"):
        return claims(play, "rival", account)


@attack("provider with the same entity id and other keys says the same subject", MENDER + "; entity id of another", LINK,
        plays=True, uses_up=USED)
def same_entity(play):
    account = invited(play, fresh("first", "twin.test"))
    chief = play.providers[CHIEF]
    change(play, "INSERT INTO administrator_identity SELECT ?, ?, id, ?, 1 FROM administrator WHERE email = ?",
           chief.entity_id, account, CHIEF, account)
    return claims(play, "twin", account)


@attack("the same, the first provider is gone", MENDER + "; entity id of another", LINK, plays=True, uses_up=USED)
def same_entity_gone(play):
    with without(play, CHIEF):
        return same_entity(play)


@attack("address alone, the account has a password", MENDER, LINK, plays=True, uses_up=USED)
def with_password(play):
    account = invited(play)
    change(play, "UPDATE administrator SET password_hash = '$y$x' WHERE email = ?", account)
    return claims(play, CHIEF, account)


@attack("single sign-on is off for the account", "spec/001", DISABLED, plays=True, uses_up=USED)
def sso_off(play):
    account = invited(play)
    play.stage.doorctl("admin", "set-sso", account, "off")
    return claims(play, CHIEF, account)


@attack("single sign-on was switched off after the first sign-in", "spec/001", DISABLED, plays=True, uses_up=USED)
def sso_off_later(play):
    account = victim(play)
    invited(play)
    play.stage.doorctl("admin", "set-sso", account, "off")
    return claims(play, CHIEF, account)


@attack("another person of the same provider has the address now", MENDER, LINK, plays=True, uses_up=USED)
def reused_address(play):
    account = fresh("leaver")
    visit = Visit(play, account=account)
    visit.message.name_id.text, visit.message.name_id.attrib["Format"] = "one-" + account, PERSISTENT
    visit.add(attribute("email", account))
    hop(play, visit.answer()[0])
    again = Visit(play, account=account)
    again.message.name_id.text, again.message.name_id.attrib["Format"] = "two-" + account, PERSISTENT
    again.add(attribute("email", account))
    play.baseline = play.watch.counts()
    return again.answer()


PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"


def looks_like(text, title, fault=EMAIL):
    """An address that some rule of Unicode, mail or trimming makes that of the account "victim"."""
    @attack(f"{title}: {ascii(text)}", UNICODE, fault, plays=True, uses_up=USED)
    def perform(play):
        play.stage.doorctl("admin", "add", f"victim@{DOMAIN}", "--role", "admin", expect=None)
        return claims(play, CHIEF, text)


for text, title in ((f"v\u0131ctim@{DOMAIN}", "dotless i"), (f"V\u0130CTIM@{DOMAIN}", "capital i with a dot"),
                    (f"vi\u0441tim@{DOMAIN}", "Cyrillic letter"), (f"\uff56ictim@{DOMAIN}", "fullwidth letter (NFKC)"),
                    (f"victim\uff20{DOMAIN}", "fullwidth at sign"), (f"victim@\u24d0dmins.test", "circled letter (NFKC)"),
                    (f"vi\u0301ctim@{DOMAIN}", "combining accent"), (f"vic\u00adtim@{DOMAIN}", "soft hyphen"),
                    (f"victim\u200b@{DOMAIN}", "zero width space"),
                    (f"victim@{DOMAIN}\u3002", "ideographic full stop"), (f"victim@{DOMAIN}.", "dot at the end"),
                    (f"victim@evil.test@{DOMAIN}", "two at signs"), (f"victim@{DOMAIN}@evil.test", "two at signs"),
                    (f'"victim"@{DOMAIN}', "quoted"), (f"victim(x)@{DOMAIN}", "comment"), (f"victim@{DOMAIN},x", "comma"),
                    (f"Victim <victim@{DOMAIN}>", "name before it"),
                    (f"victim%40{DOMAIN}", "escape"), (f"victim@@{DOMAIN}", "empty part"),
                    (f"@{DOMAIN}", "nobody"), (f"{'v' * 400}@{DOMAIN}", "long")):
    looks_like(text, title)
looks_like(f"\u202emitciv@{DOMAIN}", "right to left", "DW-ID-SUBJECT")
looks_like(f"victim\n@{DOMAIN}", "line break", "DW-ID-SUBJECT")




@attack("address with a plus: another person, who gets no more than anybody", UNICODE, "no other role", plays=True, judged=True,
        uses_up=GROWS)
def plus(play):
    play.stage.doorctl("admin", "add", f"victim@{DOMAIN}", "--role", "admin", expect=None)
    found = Visit(play, CHIEF, f"victim+x@{DOMAIN}").answer()
    hop(play, found[0])
    if roles_of(play, f"victim+x@{DOMAIN}") != [OBSERVER] or taken(play, f"victim@{DOMAIN}"):
        raise Wrong("the account was taken over")
    return found


@attack("answer for administrators about somebody unknown, without JIT", SPEC, "DW-ADM-UNKNOWN", plays=True, uses_up=USED)
def without_jit(play):
    with play.stage.configured(replace={"Jit=true": "Jit=false"}):
        return claims(play, CHIEF, fresh("unknown"))


@attack("roles of the provider for an account made by hand, without JIT", SPEC, "no other role", plays=True, judged=True,
        uses_up=GROWS)
def roles_without_jit(play):
    account = fresh("invited")
    play.stage.doorctl("admin", "add", account, "--role", "observer")
    with play.stage.configured(replace={"Jit=true": "Jit=false"}):
        found = Visit(play, account=account).add(attribute(GLOBAL, "admin")).answer()
        hop(play, found[0])
    if roles_of(play, account) != [OBSERVER]:
        raise Wrong(f"the roles are {roles_of(play, account)}")
    return found

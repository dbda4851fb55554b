//! Sending mail.

use runner::simulator::Caller;
use serde_json::{Value, json};

use crate::graph::{Graph, Reply};

const SENDER: &str = "/users/noreply@contoso.onmicrosoft.com/sendMail";

fn mail() -> Value {
    json!({
        "message": {
            "subject": "Hello",
            "body": {"contentType": "HTML", "content": "<p>Hello</p>"},
            "toRecipients": [{"emailAddress": {"address": "anna@fabrikam.com"}}],
        },
        "saveToSentItems": "false",
    })
}

fn send(graph: &Graph, path: &str, body: &Value) -> Reply {
    graph.post(path, body)
}

#[test]
fn a_mail_is_in_the_tenant_as_it_was_sent() {
    let graph = Graph::new();
    let mut capital = mail();
    let message = capital["message"].take();
    capital.as_object_mut().unwrap().remove("message");
    capital["Message"] = message;
    capital["Message"]["attachments"] = json!([{
        "@odata.type": "#microsoft.graph.fileAttachment",
        "name": "key.pem", "contentType": "application/x-pem-file", "contentBytes": "bm8=",
    }]);
    for body in [mail(), capital] {
        let sent = send(&graph, SENDER, &body);
        assert_eq!((sent.status, sent.body), (202, "".into()));
    }
    graph.simulator.look(|tenant| {
        let [first, second] = tenant.mail.as_slice() else { panic!("{:?}", tenant.mail) };
        assert_eq!(
            (&*first.from, &*first.to[0]),
            ("noreply@contoso.onmicrosoft.com", "anna@fabrikam.com")
        );
        assert!(!first.saved_to_sent_items);
        assert_eq!(second.attachments[0].name, "key.pem");
    });
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let graph = Graph::new();
    let with = |pointer: &str, value: Value| {
        let mut body = mail();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let mut from = mail();
    from["message"]["from"] = json!({"emailAddress": {"address": "anna@contoso.com"}});
    let mut untyped = mail();
    untyped["message"]["attachments"] = json!([{"name": "a", "contentBytes": "bm8="}]);
    let mut no_base64 = mail();
    no_base64["message"]["attachments"] = json!([{"@odata.type": "#microsoft.graph.fileAttachment", "name": "a", "contentBytes": "***"}]);
    let mut headers = mail();
    headers["message"]["internetMessageHeaders"] = json!([{"name": "received", "value": "y"}]);
    let large = with("/message/body/content", "x".repeat(5 << 20).into());
    let table = [
        (SENDER, with("/message/toRecipients", json!([])), 400, "ErrorInvalidRecipients"),
        (
            SENDER,
            with("/message/toRecipients/0/emailAddress/address", json!("anna")),
            400,
            "ErrorInvalidRecipients",
        ),
        (SENDER, json!({}), 400, "ErrorInvalidRequest"),
        (SENDER, from, 403, "ErrorSendAsDenied"),
        (SENDER, untyped, 400, "RequestBodyRead"),
        (SENDER, no_base64, 400, "RequestBodyRead"),
        (SENDER, headers, 400, "InvalidInternetMessageHeaderCollection"),
        (SENDER, large, 413, "BadRequest"),
        (
            "/users/juan@contoso.onmicrosoft.com/sendMail",
            mail(),
            404,
            "MailboxNotEnabledForRESTAPI",
        ),
        ("/users/nobody@contoso.com/sendMail", mail(), 404, "ErrorInvalidUser"),
        ("/me/sendMail", mail(), 403, "ErrorAccessDenied"),
    ];
    for (path, body, status, code) in table {
        let refused = send(&graph, path, &body);
        assert_eq!((refused.status, refused.refusal().1), (status, code), "{path}");
    }
    assert_eq!(graph.simulator.look(|tenant| tenant.mail.len()), 0);
}

#[test]
fn a_signed_in_user_sends_from_the_own_mailbox() {
    let mut graph = Graph::new();
    graph.caller = Caller::signed_in("anna@contoso.onmicrosoft.com");
    assert_eq!(send(&graph, "/me/microsoft.graph.sendMail", &mail()).status, 202);
    graph.simulator.look(|tenant| assert_eq!(&*tenant.mail[0].from, "anna.berg@contoso.com"));
}

/// Sends a mail in MIME; base64 is in lines, as some clients write it.
fn send_mime(graph: &Graph, mime: &str) -> Reply {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(mime);
    let lines: Vec<&str> =
        text.as_bytes().chunks(60).map(|line| std::str::from_utf8(line).unwrap()).collect();
    graph.send("POST", SENDER, &[("Content-Type", "text/plain")], &lines.join("\r\n"))
}

#[test]
fn a_mail_in_mime_is_in_the_tenant_with_its_parts() {
    let graph = Graph::new();
    let mime = "From: No Reply <noreply@contoso.onmicrosoft.com>\r\n\
        To: Anna <anna@fabrikam.com>\r\nCc: paul@fabrikam.com\r\n\
        Reply-To: help@contoso.com\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\
        MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello</p>\r\n\
        --b\r\nContent-Type: application/pdf; name=a.pdf\r\n\
        Content-Disposition: attachment; filename=a.pdf\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nbm8=\r\n--b--\r\n";
    let sent = send_mime(&graph, mime);
    assert_eq!(sent.status, 202, "{:#}", sent.body);
    graph.simulator.look(|tenant| {
        let mail = &tenant.mail[0];
        assert_eq!(mail.to, ["anna@fabrikam.com", "paul@fabrikam.com"]);
        assert_eq!((&*mail.subject, &*mail.content_type), ("Grüße", "html"));
        assert!(mail.content.contains("<p>Hello</p>"), "{}", mail.content);
        let file = &mail.attachments[0];
        assert_eq!((&*file.name, &*file.content_type), ("a.pdf", "application/pdf"));
        assert_eq!(file.content_bytes, "bm8=");
        let help = json!([{"emailAddress": {"address": "help@contoso.com"}}]);
        assert_eq!(mail.other["replyTo"], help);
    });
}

#[test]
fn a_mail_in_mime_that_cannot_be_sent_is_refused() {
    let graph = Graph::new();
    let sent = graph.send("POST", SENDER, &[("Content-Type", "text/plain")], "no base64!");
    assert_eq!(sent.refusal().1, "ErrorMimeContentInvalidBase64String");
    let table = [
        ("", "ErrorMimeContentInvalid"),
        ("Subject: Hello\r\n\r\nHello", "ErrorInvalidRecipients"),
        ("To: nobody\r\n\r\nHello", "ErrorInvalidRecipients"),
        ("From: anna@contoso.com\r\nTo: a@fabrikam.com\r\n\r\nHello", "ErrorSendAsDenied"),
    ];
    for (mime, code) in table {
        assert_eq!(send_mime(&graph, mime).refusal().1, code, "{mime:?}");
    }
    assert!(graph.simulator.look(|tenant| tenant.mail.is_empty()));
}

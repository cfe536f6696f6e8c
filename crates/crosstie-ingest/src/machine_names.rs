//! Local parts that machines use.

/// Local parts that machines use, compared by token.
const MACHINES: [&str; 16] = [
    "noreply",
    "no-reply",
    "donotreply",
    "do-not-reply",
    "mailer-daemon",
    "postmaster",
    "bounce",
    "bounces",
    "notification",
    "notifications",
    "alert",
    "alerts",
    "cron",
    "bot",
    "healthmailbox",
    "autoreply",
];

/// System mailboxes of Exchange have a number behind their name.
const MACHINE_STARTS: [&str; 3] = ["healthmailbox", "microsoftexchange", "systemmailbox"];

/// Whether a local part names a machine: by whole tokens, so that `bot` does not catch `botha`.
pub(crate) fn is_machine(local: &str) -> bool {
    MACHINES.contains(&local)
        || tokens(local).any(|token| MACHINES.contains(&token))
        || MACHINES.iter().filter(|name| name.contains('-')).any(|name| local.starts_with(*name))
        || MACHINE_STARTS.iter().any(|start| local.starts_with(start))
}

/// The words of a local part.
pub(crate) fn tokens(local: &str) -> impl Iterator<Item = &str> {
    local.split(['.', '-', '_'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_go_by_token() {
        for local in ["noreply", "no-reply", "build-bot", "alerts.prod", "no-reply-hr", "healthmailbox0659e34"] {
            assert!(is_machine(local), "{local}");
        }
        for local in ["botha", "abbot", "alerta", "cronin", "replyall"] {
            assert!(!is_machine(local), "{local}");
        }
    }
}

#!/bin/sh
# An account from beginning to end, in a simulated tenant that is kept in a file. The
# password is read from stdin, where no other user of the machine can see it.
set -eu

tenant=$(mktemp -d)/tenant.json

account=$(o365 run create-user -i - --simulate "$tenant" \
  serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06 \
  displayName="Allen Allbrook" mailNickname=allen usageLocation=AM)
name=$(printf '%s' "$account" | sed -n 's/.*"userPrincipalName": "\(.*\)".*/\1/p')

# A second licence, Visio Plan 2, beside the first.
o365 run assign-license-to-existing-user --simulate "$tenant" \
  userPrincipalName="$name" serviceId=c5928f49-12ba-48f7-ada3-0d743a3601d5 >/dev/null
o365 run users-with-licenses-report --simulate "$tenant" | grep "$name"

# The confirmation, and how it looks in the mailbox.
o365 run send-created-user-email-notification --simulate "$tenant" \
  recipient=anna.berg@contoso.com userEmail="$name" >/dev/null
o365 simulate "$tenant" --show mail

o365 run delete-user --simulate "$tenant" userPrincipalName="$name" >/dev/null
echo "created $name, notified anna.berg@contoso.com and deleted it"

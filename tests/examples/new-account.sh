#!/bin/sh
# Creates an account and tells the person who asked for it. The password is read from
# stdin, where no other user of the machine can see it.
set -eu

account=$(o365 run create-user -i - \
  --replay fixtures/create-user/created-and-licensed.har \
  serviceId=06ebc4ee-1bb5-47dd-8120-11324bc54e06 \
  displayName="Allen Allbrook" mailNickname=allen usageLocation=AM)

name=$(printf '%s' "$account" | sed -n 's/.*"userPrincipalName": "\(.*\)".*/\1/p')
o365 run send-created-user-email-notification \
  --replay fixtures/send-created-user-email-notification/sent-by-application.har \
  recipient=anna@fabrikam.com userEmail="$name" >/dev/null
echo "created $name and told anna@fabrikam.com"

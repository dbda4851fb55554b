"""A browser without a window: opens the address in its argument, and posts the form that it finds."""

import sys
from html.parser import HTMLParser

import requests


class Form(HTMLParser):
    """The form of a page."""

    def __init__(self):
        super().__init__()
        self.action = None
        self.fields = {}

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "form":
            self.action = attributes["action"]
        elif tag == "input":
            self.fields[attributes["name"]] = attributes["value"]


page = requests.get(sys.argv[1], timeout=60)
page.raise_for_status()
form = Form()
form.feed(page.text)
if form.action:
    requests.post(form.action, data=form.fields, timeout=60).raise_for_status()

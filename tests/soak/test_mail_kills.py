"""The mailer killed a hundred times during five thousand mails: none is lost, none comes twice but by a kill."""
import test_mail
from mail_house import Sink


def test_a_hundred_kills_during_five_thousand_mails(place):
    sink = Sink()
    try:
        test_mail.kills(place, sink, 5000, 100)
    finally:
        sink.stop()

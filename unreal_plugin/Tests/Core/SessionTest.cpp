// A connection, bytes in and bytes out.

#include "ServerBytes.h"
#include "rigcast/Explain.h"
#include "rigcast/Session.h"

#include <gtest/gtest.h>

using namespace rigcast;

namespace {

const std::string RIG = server_bytes::rig(52, 22);

class ASession : public testing::Test {
protected:
  void receive(const std::string& bytes, double localUs = 1e6) { session.received(server_bytes::view(bytes), localUs); }

  void join() {
    session.start("stage");
    ASSERT_TRUE(session.takeOpen());
    session.opened();
    std::string join;
    ASSERT_TRUE(session.takeOutgoing(join));
    receive(server_bytes::welcome(RIG, 5000000));
    ASSERT_EQ(session.state(), State::Live);
  }

  std::string trouble() {
    std::string last;
    for (Notice notice; session.takeNotice(notice);)
      last = notice.kind == Notice::Kind::Trouble ? notice.message : last;
    return last;
  }

  Player player;
  Session session{player};
};

TEST_F(ASession, JoinsWhenItsSocketIsOpen) {
  EXPECT_FALSE(session.takeOpen());
  session.start("stage");
  EXPECT_EQ(session.state(), State::Connecting);
  EXPECT_TRUE(session.takeOpen());
  EXPECT_FALSE(session.takeOpen());
  session.opened();
  std::string bytes;
  ASSERT_TRUE(session.takeOutgoing(bytes));
  EXPECT_EQ(bytes, encodeJoin(1, "stage"));
  receive(server_bytes::welcome(RIG, 5000000));
  EXPECT_EQ(session.state(), State::Live);
  EXPECT_EQ(session.welcome().rig.curves.size(), 52u);
  EXPECT_EQ(player.generation(), 1u);
  for (State expected : {State::Connecting, State::Joining, State::Live}) {
    Notice notice;
    ASSERT_TRUE(session.takeNotice(notice));
    EXPECT_EQ(notice.state, expected);
  }
}

TEST_F(ASession, TakesRequestsOnlyWhileItIsLive) {
  EXPECT_EQ(session.say({"too early"}), 0u);
  join();
  const std::uint32_t id = session.say({"hello"});
  EXPECT_NE(id, 0u);
  std::string bytes;
  ASSERT_TRUE(session.takeOutgoing(bytes));
  EXPECT_EQ(bytes, encodeSay(id, {"hello"}));
  receive(server_bytes::bytes(8, server_bytes::number(1, id) + server_bytes::number(2, 42)));
  Notice notice;
  do {
    ASSERT_TRUE(session.takeNotice(notice));
  } while (notice.kind != Notice::Kind::Accepted);
  EXPECT_EQ(notice.requestId, id);
  EXPECT_EQ(notice.utterance, 42u);
}

TEST_F(ASession, TriesAgainEverSlowerWhenTheConnectionBreaks) {
  join();
  session.closed(1006, "", 2e6);
  EXPECT_EQ(session.state(), State::Waiting);
  EXPECT_NE(trouble().find("broke"), std::string::npos);
  session.tick(2.1e6);
  EXPECT_FALSE(session.takeOpen());
  session.tick(2.25e6);
  EXPECT_TRUE(session.takeOpen());
  session.closed(0, "", 3e6);
  EXPECT_NE(trouble().find("rigcast serve"), std::string::npos);
  session.tick(3.3e6);
  EXPECT_FALSE(session.takeOpen());
  session.tick(3.5e6);
  EXPECT_TRUE(session.takeOpen());
  session.opened();
  receive(server_bytes::welcome(RIG, 0));
  EXPECT_EQ(session.state(), State::Live);
  EXPECT_EQ(player.generation(), 2u);
  session.closed(0, "End of file", 4e6); // it had worked: as quick as at first
  EXPECT_NE(trouble().find("broke"), std::string::npos);
  session.tick(4.25e6);
  EXPECT_TRUE(session.takeOpen());
}

TEST_F(ASession, NeedNotWaitForTheNextAttempt) {
  session.start("stage");
  (void)session.takeOpen();
  session.closed(0, "", 1e6);
  EXPECT_FALSE(session.takeOpen());
  session.start("stage");
  EXPECT_TRUE(session.takeOpen());
  session.start("stage");
  EXPECT_FALSE(session.takeOpen());
}

TEST_F(ASession, NamesTheCauseAndGivesUpWhereTryingAgainIsVain) {
  session.start("");
  session.closed(401, "Unauthorized", 1e6);
  EXPECT_EQ(session.state(), State::Refused);
  EXPECT_NE(trouble().find("Token refused"), std::string::npos);
  session.tick(1e9);
  EXPECT_FALSE(session.takeOpen());

  session.start("");
  session.opened();
  receive(server_bytes::welcome(RIG, 0, "rigcast.v2"));
  EXPECT_EQ(session.state(), State::Refused);
  EXPECT_NE(trouble().find("The server speaks rigcast.v2"), std::string::npos);
  EXPECT_TRUE(session.takeClose());

  session.start("gone");
  session.opened();
  receive(server_bytes::bytes(10, server_bytes::number(2, 3) + server_bytes::bytes(3, "there is no session gone")));
  EXPECT_EQ(session.state(), State::Refused);
  EXPECT_NE(trouble().find("no session gone"), std::string::npos);

  session.start("");
  session.opened();
  receive(server_bytes::welcome(server_bytes::rig(52, 22, 0), 0));
  EXPECT_NE(trouble().find("frame rate"), std::string::npos);
}

TEST_F(ASession, ARefusedRequestChangesNothing) {
  join();
  receive(server_bytes::bytes(10, server_bytes::number(1, 7) + server_bytes::number(2, 3) + server_bytes::bytes(3, "no such voice") +
                                      server_bytes::bytes(4, "say.voice")));
  EXPECT_EQ(session.state(), State::Live);
  EXPECT_EQ(trouble(), "no such voice [say.voice]");
}

TEST_F(ASession, SkipsBytesThatAreNoMessage) {
  join();
  receive("\x12\xff\xff\xff");
  receive("nonsense");
  EXPECT_EQ(session.badMessages(), 2u);
  EXPECT_EQ(session.state(), State::Live);
  EXPECT_NE(trouble().find("no message"), std::string::npos);
}

TEST_F(ASession, PingsOnceASecondAndOftenAtFirst) {
  join();
  int pings = 0;
  std::string bytes;
  for (double t = 1e6; t < 6e6; t += 10e3) {
    receive(server_bytes::pong(static_cast<std::uint64_t>(t) + 4000000), t);
    session.tick(t);
    while (session.takeOutgoing(bytes))
      ++pings;
  }
  EXPECT_GE(pings, 8 + 3);
  EXPECT_LE(pings, 8 + 5 * 10);
}

TEST_F(ASession, KeepsNoMoreThanItCanBeAskedFor) {
  join();
  for (int i = 0; i < 5000; ++i) {
    receive(server_bytes::bytes(8, server_bytes::number(1, 1)));
    receive(server_bytes::pong(0), 1e6 + i * 1e5);
    session.tick(1e6 + i * 1e5);
    (void)session.interrupt();
  }
  int notices = 0, requests = 0;
  for (Notice notice; session.takeNotice(notice);)
    ++notices;
  for (std::string bytes; session.takeOutgoing(bytes);)
    ++requests;
  EXPECT_EQ(notices, 256);
  EXPECT_EQ(requests, 256);
}

TEST_F(ASession, ADeadConnectionIsNoticed) {
  join();
  session.tick(10e6);
  EXPECT_EQ(session.state(), State::Live);
  session.tick(11.1e6);
  EXPECT_EQ(session.state(), State::Waiting);
  EXPECT_TRUE(session.takeClose());
}

TEST_F(ASession, StopsAndStartsAnew) {
  join();
  session.stop();
  EXPECT_EQ(session.state(), State::Stopped);
  EXPECT_TRUE(session.takeClose());
  receive(server_bytes::forget(0)); // what was on its way
  session.closed(1000, "", 1e6);
  EXPECT_EQ(session.state(), State::Stopped);
  session.start("");
  EXPECT_TRUE(session.takeOpen());
  EXPECT_FALSE(session.takeClose());
}

TEST(Explanations, NameEveryCode) {
  for (int code : {0, 400, 401, 403, 404, 1000, 1001, 1002, 1006, 1007, 1008, 1009, 1011, 1013, 4999})
    EXPECT_GT(explainClose(code, "").size(), 15u) << code;
  EXPECT_EQ(explainClose(4999, "why"), "The connection ended. (why)");
  EXPECT_STREQ(name(State::Waiting), "waiting to try again");
}

TEST(Explanations, FindTheStatusInASocketLibrarysWords) {
  EXPECT_EQ(handshakeCode("HS: ws upgrade unauthorized"), 401);
  EXPECT_EQ(handshakeCode("unexpected status 404"), 404);
  EXPECT_EQ(handshakeCode("connection refused"), 0);
}

} // namespace

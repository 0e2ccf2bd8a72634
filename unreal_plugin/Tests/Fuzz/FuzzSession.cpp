// Any bytes that a server may send: a session with a player reads them, and neither breaks.
// libFuzzer's entry; corpus/ holds a few messages to begin with.

#include "rigcast/FaceMap.h"
#include "rigcast/BodyMap.h"
#include "rigcast/Session.h"

#include <cstdlib>

using namespace rigcast;

namespace {

/** Cuts the input into messages: a byte tells the length of each, in steps of 8 bytes; the last takes the rest. */
template <typename Take> void eachMessage(Bytes input, Take take) {
  while (input.size > 1) {
    const std::size_t wanted = std::size_t{8} * input.data[0];
    const std::size_t size = wanted == 0 || wanted > input.size - 1 ? input.size - 1 : wanted;
    take(Bytes{input.data + 1, size});
    input = {input.data + 1 + size, input.size - 1 - size};
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Player player; // its buffers are large; begin() empties them
  static Recording recording;
  recording.begin(8000);
  Session session(player);
  session.start("fuzz");
  session.opened();
  double local = 1e6;
  Pose pose;
  float samples[64];
  std::vector<float> values;
  FaceMap face;
  BodyMap body;
  std::vector<Bone> bones;
  Event event;
  std::uint32_t generation = 0;
  eachMessage({data, size}, [&](Bytes message) {
    session.received(message, local);
    local += 5e3;
    session.tick(local);
    player.pull(samples, 64, local);
    (void)session.startAudio(recording, {});
    recording.record(samples, 64, 1);
    if (player.generation() != generation) {
      generation = player.generation();
      const Rig rig = player.rig();
      face.build(rig);
      body.build(rig, humanoidSkeleton(rig));
      bones = body.bones();
    }
    if (player.sample(local, pose)) {
      face.values(pose, values);
      body.apply(pose, bones);
      for (float value : values) {
        if (!(value > -1e9f && value < 1e9f))
          std::abort();
      }
    }
    while (player.takeEvent(event)) {
    }
  });
  return 0;
}

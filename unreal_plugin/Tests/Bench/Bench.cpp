// How long the hot paths take on this machine. Prints; asserts nothing.

#include "../Core/ServerBytes.h"
#include "rigcast/BodyMap.h"
#include "rigcast/FaceMap.h"
#include "rigcast/Session.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

using namespace rigcast;

namespace {

constexpr int RUNS = 20000;
constexpr int BLOCKS = 350; // 7 s, less than the buffers hold

/** Prints the median and the 99th percentile of a call. */
template <typename Call> void measure(const char* name, int runs, Call call) {
  std::vector<double> us;
  for (int i = 0; i < runs; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    call(i);
    us.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(us.begin(), us.end());
  std::printf("%-34s p50 %6.2f us   p99 %6.2f us\n", name, us[static_cast<std::size_t>(runs) / 2], us[static_cast<std::size_t>(runs) * 99 / 100]);
}

Pose pose(std::uint64_t k) {
  Pose out;
  setToRest(out, 52, 22);
  out.timeUs = k * 1000000 / 60;
  out.sequence = static_cast<std::uint32_t>(k);
  for (std::size_t i = 0; i < 52; ++i)
    out.curves[i] = static_cast<float>((k * 7 + i * 13) % 100) / 100;
  for (std::size_t i = 0; i < 22; ++i)
    out.rotations[i] = normalised({static_cast<float>((k * 5 + i) % 10) / 10, 0.1f, 0.2f, 1});
  return out;
}

} // namespace

int main() {
  Player player;
  Session session(player);
  session.start("");
  session.opened();
  const std::string welcome = server_bytes::welcome(server_bytes::rig(52, 22), 0);
  session.received(server_bytes::view(welcome), 0);
  std::vector<std::string> frames;
  for (std::uint64_t k = 0; k < 480; ++k)
    frames.push_back(server_bytes::frame(pose(k)));
  for (const std::string& frame : frames)
    session.received(server_bytes::view(frame), 0);
  std::string pcm;
  for (int i = 0; i < 120000; ++i)
    pcm += server_bytes::int16(i % 2000);
  const std::string sound = server_bytes::audio(0, pcm);
  session.received(server_bytes::view(sound), 0);

  ServerMessage message;
  measure("decode a frame", RUNS, [&](int i) { decode(server_bytes::view(frames[static_cast<std::size_t>(i) % 480]), message); });
  float samples[480];
  measure("pull 20 ms of sound", BLOCKS, [&](int i) { player.pull(samples, 480, i * 20e3); });
  Pose out;
  measure("sample a pose at the play-head", RUNS, [&](int i) { player.sample(7e6 + i * 10.0, out); });
  FaceMap face;
  face.build(player.rig());
  std::vector<float> values;
  measure("face: pose to properties", RUNS, [&](int) { face.values(out, values); });
  BodyMap body;
  body.build(player.rig(), humanoidSkeleton(player.rig()));
  std::vector<Bone> bones = body.bones();
  measure("body: pose to bones", RUNS, [&](int) { body.apply(out, bones); });
}

// From the wire's humanoid and face to Unreal's.

#include "rigcast/BodyMap.h"
#include "rigcast/Coordinates.h"
#include "rigcast/FaceMap.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace rigcast;

namespace {

constexpr float RIGHT_ANGLE = 1.57079633f;

Quat about(const Vec3& axis, float angle) {
  const float s = std::sin(angle / 2);
  return {axis.x * s, axis.y * s, axis.z * s, std::cos(angle / 2)};
}

void expectNear(const Vec3& a, const Vec3& b, float error = 1e-3f) {
  EXPECT_NEAR(a.x, b.x, error);
  EXPECT_NEAR(a.y, b.y, error);
  EXPECT_NEAR(a.z, b.z, error);
}

TEST(Coordinates, UpAheadAndLeftAreWhereUnrealHasThem) {
  expectNear(toUnrealMesh(Vec3{0, 1, 0}), {0, 0, 100});
  expectNear(toUnrealMesh(Vec3{0, 0, 1}), {0, 100, 0});  // ahead is +Y
  expectNear(toUnrealMesh(Vec3{1, 0, 0}), {100, 0, 0});  // the left, where +Y is ahead and left-handed
  expectNear(toUnrealWorld(Vec3{0, 1, 0}), {0, 0, 100});
  expectNear(toUnrealWorld(Vec3{0, 0, 1}), {100, 0, 0}); // ahead is +X
  expectNear(toUnrealWorld(Vec3{1, 0, 0}), {0, -100, 0});
  expectNear(fromUnrealWorld(toUnrealWorld(Vec3{1, 2, 3})), {1, 2, 3});
}

// A point turned and then converted is the point converted and then turned.
TEST(Coordinates, RotationsTurnWhatIsConverted) {
  const Quat q = normalised({0.3f, -0.5f, 0.2f, 0.7f}), r = normalised({-0.1f, 0.4f, 0.6f, 0.2f});
  const Vec3 v = {0.3f, -1.2f, 0.7f};
  expectNear(toUnrealMesh(rotate(q, v)), rotate(toUnrealMesh(q), toUnrealMesh(v)));
  expectNear(toUnrealWorld(rotate(q, v)), rotate(toUnrealWorld(q), toUnrealWorld(v)));
  expectNear(rotate(toUnrealMesh(multiply(q, r)), v), rotate(multiply(toUnrealMesh(q), toUnrealMesh(r)), v));
}

TEST(ShortestArc, TurnsOneDirectionIntoAnother) {
  for (const Vec3& to : {Vec3{0, 2, 0}, Vec3{-3, 0, 0}, Vec3{1, 0, 0}, Vec3{0.1f, -0.5f, 0.2f}}) {
    const Vec3 turned = rotate(shortestArc({1, 0, 0}, to), {1, 0, 0});
    const float length = std::sqrt(to.x * to.x + to.y * to.y + to.z * to.z);
    expectNear(turned, {to.x / length, to.y / length, to.z / length});
  }
}

Rig face() {
  Rig rig;
  rig.curves = {"jawOpen", "mouthClose", "eyeBlinkLeft"};
  rig.joints = {{"hips", -1, {0, 1, 0}}, {"neck", 0, {0, 0.5f, 0}}, {"head", 1, {0, 0.1f, 0}}};
  rig.frameRate = 60;
  rig.audioRate = 24000;
  return rig;
}

TEST(TheFace, HasLiveLinksNamesAndTheLipsRule) {
  FaceMap map;
  map.build(face());
  ASSERT_EQ(map.names().size(), 3u + 4 + 3);
  EXPECT_EQ(map.names()[0], "JawOpen");
  EXPECT_EQ(map.names()[2], "EyeBlinkLeft");
  EXPECT_EQ(map.names()[3], "CTRL_expressions_mouthLipsTogetherUL");
  EXPECT_EQ(map.names()[9], "HeadRoll");
  Pose pose;
  setToRest(pose, 3, 3);
  pose.curves = {0.4f, 0.1f, 1.0f};
  pose.rotations[1] = about({0, 1, 0}, -0.2f); // to its right
  pose.rotations[2] = about({0, 1, 0}, -0.1f);
  std::vector<float> values;
  map.values(pose, values);
  EXPECT_FLOAT_EQ(values[0], 0.4f);
  for (std::size_t i = 3; i < 7; ++i)
    EXPECT_FLOAT_EQ(values[i], 0.25f);
  EXPECT_NEAR(values[7], 0.3f, 1e-5);
}

TEST(TheFace, LipsTogetherIsBounded) {
  EXPECT_EQ(lipsTogether(0.5f, 0), 0);
  EXPECT_EQ(lipsTogether(0.5f, 0.2f), 1);
  EXPECT_EQ(lipsTogether(-0.5f, 0.2f), 0);
}

TEST(TheFace, AnglesAreTheCharactersOwn) {
  EXPECT_NEAR(headAngles(about({1, 0, 0}, 0.3f)).pitch, 0.3f, 1e-5);  // down
  EXPECT_NEAR(headAngles(about({0, 1, 0}, 0.3f)).yaw, -0.3f, 1e-5);   // to its left
  EXPECT_NEAR(headAngles(about({0, 0, 1}, 0.3f)).roll, 0.3f, 1e-5);   // crown to its right
  const HeadAngles both = headAngles(multiply(about({0, 1, 0}, 0.5f), about({1, 0, 0}, 0.2f)));
  EXPECT_NEAR(both.yaw, -0.5f, 1e-5);
  EXPECT_NEAR(both.pitch, 0.2f, 1e-5);
}

Rig humanoid() {
  Rig rig = face();
  rig.joints = {
      {"hips", -1, {0, 1, 0}},
      {"spine", 0, {0, 0.1f, 0}},
      {"chest", 1, {0, 0.1f, 0}},
      {"leftUpperArm", 2, {0.2f, 0.2f, 0}},
      {"leftLowerArm", 3, {0.25f, 0, 0}},
      {"leftHand", 4, {0.25f, 0, 0}},
  };
  return rig;
}

/** A little MetaHuman: bones whose axes are turned, one bone between, and an arm that hangs 45 degrees. */
std::vector<Bone> metaHuman() {
  const Quat askew = normalised({0.5f, 0.5f, -0.5f, 0.5f});
  std::vector<Bone> bones = {
      {"root", -1, {0, 0, 0}, {}},
      {"pelvis", 0, {0, 0, 90}, askew},
      {"spine_01", 1, {}, {}},
      {"spine_03", 2, {}, normalised({0, 0, 0.1f, 1})},
      {"spine_05", 3, {}, {}},
      {"upperarm_l", 4, {}, normalised({0.2f, 0, 0, 1})},
      {"upperarm_twist_01_l", 5, {5, 0, 0}, {}},
      {"lowerarm_l", 5, {}, {}},
      {"hand_l", 7, {}, {}},
  };
  // Places in mesh space; the local positions follow.
  const Vec3 places[] = {{0, 0, 0}, {0, 0, 90}, {0, 0, 100}, {0, 0, 110}, {0, 0, 120}, {20, 0, 130}, {}, {40, 0, 110}, {60, 0, 90}};
  std::vector<Quat> global(bones.size());
  for (std::size_t i = 0; i < bones.size(); ++i) {
    const Quat parent = bones[i].parent < 0 ? Quat() : global[static_cast<std::size_t>(bones[i].parent)];
    global[i] = multiply(parent, bones[i].rotation);
    if (bones[i].parent < 0 || i == 6)
      continue;
    const Vec3 from = places[bones[i].parent], to = places[i];
    bones[i].position = rotate(inverse(parent), {to.x - from.x, to.y - from.y, to.z - from.z});
  }
  return bones;
}

/** Where a bone stands in mesh space. */
Vec3 place(const std::vector<Bone>& bones, const std::string& name) {
  std::vector<Quat> rotations(bones.size());
  std::vector<Vec3> positions(bones.size());
  for (std::size_t i = 0; i < bones.size(); ++i) {
    const auto p = static_cast<std::size_t>(bones[i].parent);
    const bool root = bones[i].parent < 0;
    const Vec3 offset = root ? bones[i].position : rotate(rotations[p], bones[i].position);
    positions[i] = root ? offset : Vec3{positions[p].x + offset.x, positions[p].y + offset.y, positions[p].z + offset.z};
    rotations[i] = root ? bones[i].rotation : multiply(rotations[p], bones[i].rotation);
    if (bones[i].name == name)
      return positions[i];
  }
  ADD_FAILURE() << name;
  return {};
}

class Body : public testing::Test {
protected:
  Body() {
    EXPECT_TRUE(map.build(humanoid(), metaHuman()));
    out = map.bones();
    setToRest(pose, 3, 6);
  }
  BodyMap map;
  std::vector<Bone> out;
  Pose pose;
};

TEST_F(Body, HasOnlyTheBonesThatAreDrivenAndThoseAbove) {
  ASSERT_EQ(out.size(), 8u); // without the twist
  EXPECT_EQ(out[6].name, "lowerarm_l");
  EXPECT_EQ(out[6].parent, 5);
  EXPECT_EQ(out[0].parent, -1);
}

TEST_F(Body, AtRestStandsAsATposeOnTheTargetsOwnSpine) {
  map.apply(pose, out);
  expectNear(place(out, "pelvis"), {0, 0, 90});
  expectNear(place(out, "spine_05"), {0, 0, 120});
  const Vec3 shoulder = place(out, "upperarm_l"), hand = place(out, "hand_l");
  const float length = 2 * std::sqrt(2.0f) * 20;
  expectNear(hand, {shoulder.x + length, shoulder.y, shoulder.z}, 0.01f);
  EXPECT_NEAR(std::fabs(out[7].rotation.w), 1, 1e-4); // the hand stays in line with its arm
}

TEST_F(Body, AnArmThatIsLoweredHangs) {
  pose.rotations[3] = about({0, 0, 1}, -RIGHT_ANGLE); // the left arm, from +X to -Y: down
  map.apply(pose, out);
  const Vec3 shoulder = place(out, "upperarm_l"), hand = place(out, "hand_l");
  expectNear(hand, {shoulder.x, shoulder.y, shoulder.z - 2 * std::sqrt(2.0f) * 20}, 0.01f);
}

TEST_F(Body, ANodAheadGoesAhead) {
  pose.rotations[0] = about({1, 0, 0}, RIGHT_ANGLE); // from up to ahead
  map.apply(pose, out);
  expectNear(place(out, "spine_05"), {0, 30, 90}, 0.01f); // +Y is ahead
}

TEST_F(Body, TheUppermostOfTheSpineFollowsTheChestWhereThereIsNoUpperChest) {
  pose.rotations[2] = about({0, 1, 0}, 0.5f);
  map.apply(pose, out);
  EXPECT_NEAR(out[3].rotation.z, map.bones()[3].rotation.z, 1e-5); // spine_03 rests
  const Quat& chest = out[4].rotation;
  EXPECT_NEAR(2 * std::acos(std::fabs(chest.w)), 0.5f, 1e-3);
}

TEST_F(Body, HipsMoveInProportion) {
  pose.root = {0.1f, -0.1f, 0.2f};
  map.apply(pose, out);
  expectNear(place(out, "pelvis"), {9, 18, 81});
}

TEST(ABody, OfAnUnknownSkeletonIsRefused) {
  BodyMap map;
  EXPECT_FALSE(map.build(humanoid(), {{"Bip01", -1, {}, {}}}));
  EXPECT_FALSE(map.build(humanoid(), {{"pelvis", 1, {}, {}}, {"root", -1, {}, {}}}));
  EXPECT_TRUE(map.bones().empty());
}

TEST(ABody, WithoutATargetIsTheHumanoidItself) {
  BodyMap map;
  ASSERT_TRUE(map.build(humanoid(), humanoidSkeleton(humanoid())));
  auto out = map.bones();
  Pose pose;
  setToRest(pose, 3, 6);
  pose.rotations[4] = normalised({0.1f, 0.2f, 0.3f, 1});
  map.apply(pose, out);
  const Quat expected = toUnrealMesh(pose.rotations[4]);
  EXPECT_NEAR(out[4].rotation.x, expected.x, 1e-5);
  EXPECT_NEAR(out[4].rotation.w, expected.w, 1e-5);
}

TEST(Rigs, AreTheSameIfTheirPosesFit) {
  const auto made = [] {
    Rig rig;
    rig.curves = {"jawOpen", "mouthClose"};
    rig.joints = {{"hips", -1, {0, 1, 0}}, {"spine", 0, {0, 0.1f, 0}}};
    rig.frameRate = 60;
    rig.audioRate = 24000;
    return rig;
  };
  Rig other = made();
  EXPECT_TRUE(made() == other);
  other.joints[1].offset.y = 0.2f;
  EXPECT_FALSE(made() == other);
  other = made();
  other.joints.pop_back();
  EXPECT_FALSE(made() == other);
  other = made();
  other.curves[0] = "jawLeft";
  EXPECT_FALSE(made() == other);
}

} // namespace

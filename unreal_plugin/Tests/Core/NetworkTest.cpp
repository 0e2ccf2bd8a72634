// The cases of proto/cases: what is seen and heard under a bad network stays within bounds.

#include "Simulation.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <stdexcept>

namespace {

const nlohmann::json& file() {
  static const nlohmann::json FILE = nlohmann::json::parse(std::ifstream(RIGCAST_PROTO "/cases/network.json"));
  return FILE;
}

/** The measures that proto/cases/README.md defines, of a finished run. Microseconds. */
class Measures {
public:
  Measures(const Simulation& run, const nlohmann::json& scenario) : _run(run), _case(scenario), _world(file().at("world")) {}

  double lipsP99() const {
    std::vector<double> errors;
    for (const Image& image : settled()) {
      if (!std::isnan(image.heard))
        errors.push_back(std::fabs(std::remainder(image.shown - image.heard, markPeriod())));
    }
    if (errors.size() < settled().size() / 2)
      return INFINITY;
    std::sort(errors.begin(), errors.end());
    return errors[errors.size() * 99 / 100];
  }

  int stepsBack() const {
    int steps = 0;
    pairs([&](double step) { steps += step < -1000; });
    return steps;
  }

  double skipped() const {
    double sum = 0;
    pairs([&](double step) { sum += step > 50000 ? step - length() : 0; });
    return sum;
  }

  std::pair<double, double> delays() const {
    double least = INFINITY, most = -INFINITY;
    for (const Image& image : settled()) {
      if (disturbed(image.t))
        continue;
      least = std::min(least, image.present - image.shown);
      most = std::max(most, image.present - image.shown);
    }
    return {least, most};
  }

  double silent() const {
    double sum = 0;
    for (const Image& image : settled())
      sum += std::isnan(image.heard) && spoken(image.shown) ? length() : 0;
    return sum;
  }

  double voided() const {
    double sum = 0;
    const double silence = _case.at("disturbance").at("silence_us"), begin = static_cast<double>(_run.forgetUs);
    for (const Image& image : settled()) {
      const bool inside = image.shown >= begin + 20000 && image.shown < begin + silence - 20000;
      sum += image.t > _run.forgetArrived && inside && !std::isnan(image.heard) ? length() : 0;
    }
    return sum;
  }

  std::vector<Image> settled() const {
    std::vector<Image> images = _run.images();
    const auto late = [&](const Image& image) { return image.t >= _world.at("settle_us").get<Simulation::Time>(); };
    images.erase(images.begin(), std::find_if(images.begin(), images.end(), late));
    return images;
  }

private:
  double markPeriod() const {
    return _world.at("mark_period").get<double>() / _world.at("audio_rate").get<double>() * 1e6;
  }

  double length() const { return 1e6 / _world.at("render_hz").get<double>(); }

  template <typename Take> void pairs(Take take) const {
    const auto images = settled();
    for (std::size_t i = 1; i < images.size(); ++i) {
      if (images[i].epoch == images[i - 1].epoch)
        take(images[i].shown - images[i - 1].shown);
    }
  }

  bool disturbed(Simulation::Time t) const {
    const auto& disturbance = _case.at("disturbance");
    if (disturbance.is_null())
      return false;
    const auto recovery = _case.at("expect").at("recovery_us").get<Simulation::Time>();
    return t >= disturbance.at("begin_us") && t < disturbance.at("end_us").get<Simulation::Time>() + recovery;
  }

  bool spoken(double shown) const {
    const double edge = 100000, seam = 10000;
    if (std::fabs(std::remainder(shown, markPeriod())) < seam)
      return false;
    const double s = shown - _world.at("epoch_us").get<double>();
    if (_run.forgetUs) {
      const double silence = _case.at("disturbance").at("silence_us");
      if (shown > _run.forgetUs - edge && shown < _run.forgetUs + silence + edge)
        return false;
    }
    for (const auto& span : _case.at("sound")) {
      if (s >= span.at("begin_us").get<double>() + edge && s < span.at("end_us").get<double>() - edge)
        return true;
    }
    return false;
  }

  const Simulation& _run;
  const nlohmann::json& _case;
  const nlohmann::json& _world;
};

class Network : public testing::TestWithParam<std::size_t> {};

TEST_P(Network, StaysWithinBounds) {
  const auto& scenario = file().at("cases").at(GetParam());
  const auto& expect = scenario.at("expect");
  Simulation run(file().at("world"), scenario);
  run.run();
  const Measures measured(run, scenario);
  const auto [least, most] = measured.delays();
  const double underrun = run.stats().underrunUs;
  std::printf(
      "%-18s lips p99 %5.1f ms, delay %4.0f to %4.0f ms, underrun %6.1f ms, silent %6.1f ms, skipped %6.1f ms, jumps %u, drift %.0f ppm\n",
      scenario.at("name").get<std::string>().c_str(), measured.lipsP99() / 1e3, least / 1e3, most / 1e3, underrun / 1e3,
      measured.silent() / 1e3, measured.skipped() / 1e3, run.stats().jumps, run.stats().driftPpm);
  EXPECT_EQ(run.state(), rigcast::State::Live);
  EXPECT_LE(measured.lipsP99(), expect.at("lips_p99_us"));
  EXPECT_EQ(measured.stepsBack(), expect.at("steps_back"));
  EXPECT_GE(least, expect.at("delay_min_us"));
  EXPECT_LE(most, expect.at("delay_max_us"));
  EXPECT_GE(underrun, expect.at("underrun_min_us"));
  EXPECT_LE(underrun, expect.at("underrun_max_us"));
  EXPECT_LE(measured.silent(), expect.at("silent_max_us"));
  EXPECT_LE(measured.skipped(), expect.at("skipped_max_us"));
  if (expect.contains("voided_max_us")) {
    EXPECT_LE(measured.voided(), expect.at("voided_max_us"));
    EXPECT_GT(run.forgetArrived, 0);
  }
}

const nlohmann::json& scenarioOf(const std::string& name) {
  for (const auto& scenario : file().at("cases")) {
    if (scenario.at("name") == name)
      return scenario;
  }
  throw std::runtime_error("no case " + name);
}

TEST(AShortStall, IsWaitedForAndNothingIsSkipped) {
  Simulation run(file().at("world"), scenarioOf("underrun"));
  run.run();
  EXPECT_EQ(run.stats().jumps, 0u);
}

TEST(AnInterruption, ShowsTheNewPosesFromItsTimeOn) {
  Simulation run(file().at("world"), scenarioOf("interruption"));
  run.run();
  int before = 0, after = 0;
  const double frame = 1e6 / 60, forgotten = static_cast<double>(run.forgetUs);
  for (const Image& image : run.images()) {
    before += image.shown < forgotten - frame && std::fabs(image.generation) < 0.01;
    after += image.shown > forgotten + frame && std::fabs(image.generation - 1) < 0.01;
    EXPECT_TRUE(image.generation < 0.01 || image.shown > forgotten - frame);
    EXPECT_TRUE(image.generation > 0.99 || image.shown < forgotten + frame);
  }
  EXPECT_GT(before, 300);
  EXPECT_GT(after, 300);
}

TEST(Poses, AreInterpolatedWithTheirTime) {
  Simulation run(file().at("world"), scenarioOf("jitter_loss_drift"));
  run.run();
  for (const Image& image : run.images()) {
    const double phi = image.shown / file().at("world").at("phase_period_us").get<double>() * 6.283185307179586;
    EXPECT_NEAR(image.headY, std::sin(0.25 * std::sin(phi)), 1e-3);
    EXPECT_NEAR(image.rootY, 0.1 * std::sin(phi), 1e-3);
  }
}

std::string caseName(const testing::TestParamInfo<std::size_t>& info) {
  return file().at("cases").at(info.param).at("name");
}

INSTANTIATE_TEST_SUITE_P(Cases, Network, testing::Range(std::size_t{0}, file().at("cases").size()), caseName);

} // namespace

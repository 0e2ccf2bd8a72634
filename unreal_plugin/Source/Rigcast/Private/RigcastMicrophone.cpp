#include "RigcastMicrophone.h"

namespace
{
	/** Samples of each channel that the device hands over at a time: 21 ms at 48 kHz, as the engine's own capture asks for. */
	constexpr uint32 CAPTURED_FRAMES = 1024;
}

FRigcastMicrophone::~FRigcastMicrophone()
{
	Capture.AbortStream();
}

bool FRigcastMicrophone::Open(const TSharedRef<rigcast::Recording>& Recording)
{
	// The default parameters: the system's own device, its rate, its channels, 32-bit floats.
	const Audio::FOnAudioCaptureFunction Record = [Recording](const void* Samples, int32 Frames, int32 Channels, int32, double, bool)
	{
		Recording->record(static_cast<const float*>(Samples), static_cast<std::size_t>(Frames), static_cast<std::size_t>(Channels));
	};
	if (!Capture.OpenAudioCaptureStream(Audio::FAudioCaptureDeviceParams(), Record, CAPTURED_FRAMES))
	{
		return false;
	}
	Recording->begin(static_cast<std::uint32_t>(Capture.GetSampleRate()));
	return Capture.StartStream();
}

#pragma once

#include "AudioCaptureCore.h"
#include "CoreMinimal.h"
#include "rigcast/Recording.h"

/**
 * The system's microphone, into a recording. Game thread, but for the device's own thread, which does nothing but record
 * and keeps the recording alive while it may.
 */
class FRigcastMicrophone
{
public:
	/** Stops it and waits for its thread. */
	~FRigcastMicrophone();

	/** Begins the recording anew with the device's rate and records into it. False where that cannot be. */
	bool Open(const TSharedRef<rigcast::Recording>& Recording);

	/** What to tell then. */
	static constexpr const char* WHY_NOT = "No microphone could be opened. Is one connected, may this program use it in the system's "
		"privacy settings, and is the Audio Capture plugin on? On Linux the engine has none: send sound of your own.";

private:
	Audio::FAudioCapture Capture;
};

#pragma once

#include "CoreMinimal.h"

namespace Audio
{
	/** FOnAudioCaptureFunction, since 5.3; called by the device's own thread */
	using FOnAudioCaptureFunction = TFunction<void(const void* InAudio, int32 NumFrames, int32 NumChannels, int32 SampleRate, double StreamTime, bool bOverflow)>;

	/** FAudioCaptureDeviceParams: by default the system's device, its rate and channels, FLOATING_POINT_32 */
	struct FAudioCaptureDeviceParams
	{
	};

	/** FAudioCapture */
	class FAudioCapture
	{
	public:
		FAudioCapture();
		~FAudioCapture();
		bool OpenAudioCaptureStream(const FAudioCaptureDeviceParams& InParams, FOnAudioCaptureFunction OnCapture, uint32 NumFramesDesired);
		bool StartStream();
		bool AbortStream();
		int32 GetSampleRate() const;
	};
}

#pragma once

#include "Containers/Ticker.h"
#include "CoreMinimal.h"
#include "RigcastAddress.h"
#include "rigcast/Session.h"

class FRigcastMicrophone;
class IWebSocket;

DECLARE_MULTICAST_DELEGATE_OneParam(FRigcastNoticed, const rigcast::Notice&);
DECLARE_MULTICAST_DELEGATE_OneParam(FRigcastHappened, const rigcast::Event&);

/**
 * A core session with Unreal's WebSocket and Unreal's time. Shared by all that follow the same session of a bridge.
 *
 * Game thread only, on which sockets call back and tickers run; the player may be used by any thread and is kept alive by
 * those that do. Sockets and tickers hold it weakly.
 */
class RIGCAST_API FRigcastConnection : public TSharedFromThis<FRigcastConnection>
{
public:
	/** The connection to this address, made if there is none. It connects at once, also where it was refused before. */
	static TSharedRef<FRigcastConnection> Get(const FRigcastAddress& Address);

	explicit FRigcastConnection(const FRigcastAddress& InAddress);
	~FRigcastConnection();

	const FRigcastAddress& Address() const { return WantedAddress; }
	rigcast::Session& Session() { return Core; }
	TSharedRef<rigcast::Player> Player() const { return SharedPlayer; }

	/** The pose of this engine frame; nullptr if there is none yet. */
	const rigcast::Pose* Pose() const { return bHasPose ? &LastPose : nullptr; }
	/** What went wrong last, its cause and what to do; empty if nothing did. */
	const FString& LastError() const { return LastTrouble; }
	/** The state in words, and unless it is live what went wrong. */
	FString Status() const;

	/**
	 * Speaks with the system's microphone, whose own thread records; sent in pieces by this one's ticks, because sockets
	 * belong to the game thread. False, and OnNotice tells why, where that cannot be.
	 */
	bool StartMicrophone(const rigcast::AudioFormat& Format);
	/** Speaks with sound that the caller records, interleaved; the first call starts. @param Frames samples of each channel. */
	bool SendAudio(const float* Samples, int32 Frames, int32 Channels, int32 SampleRate, const rigcast::AudioFormat& Format);
	/** Ends either; what was recorded is still heard. */
	void StopAudio();

	/** State changes, answers and troubles, when they come. */
	FRigcastNoticed OnNotice;
	/** Events of the performance, when the sound is there. */
	FRigcastHappened OnEvent;

	/** The core's local time: microseconds of Unreal's steady clock. Any thread. */
	static double LocalUs();

private:
	void Start();
	bool Tick(float DeltaSeconds);
	void OpenSocket();
	void CloseSocket();
	void HandleConnected();
	void HandleConnectionError(const FString& Error);
	void HandleClosed(int32 Code, const FString& Reason, bool bWasClean);
	void HandleBinary(const void* Data, SIZE_T Size, bool bIsLastFragment);
	void Tell(const rigcast::Notice& Notice);

	FRigcastAddress WantedAddress;
	TSharedRef<rigcast::Player> SharedPlayer;
	TSharedRef<rigcast::Recording> SharedRecording;
	rigcast::Session Core;
	TSharedPtr<FRigcastMicrophone> Microphone;
	TSharedPtr<IWebSocket> Socket;
	TArray<uint8> Fragments;
	rigcast::Pose LastPose;
	FString LastTrouble;
	FTSTicker::FDelegateHandle TickHandle;
	bool bHasPose = false;
};

#include "RigcastConnection.h"

#include "HAL/PlatformTime.h"
#include "IWebSocket.h"
#include "RigcastConvert.h"
#include "RigcastMicrophone.h"
#include "WebSocketsModule.h"
#include "rigcast/Explain.h"

namespace
{
	/** Connections that somebody holds, by address. Game thread only. */
	TMap<FString, TWeakPtr<FRigcastConnection>>& Connections()
	{
		static TMap<FString, TWeakPtr<FRigcastConnection>> Map;
		return Map;
	}
}

TSharedRef<FRigcastConnection> FRigcastConnection::Get(const FRigcastAddress& Address)
{
	TWeakPtr<FRigcastConnection>& Known = Connections().FindOrAdd(Address.Url + TEXT(" ") + Address.Session + TEXT(" ") + Address.Token);
	if (const TSharedPtr<FRigcastConnection> Connection = Known.Pin())
	{
		Connection->Core.start(ToCore(Address.Session)); // in case it was refused or waits
		return Connection.ToSharedRef();
	}
	const TSharedRef<FRigcastConnection> Connection = MakeShared<FRigcastConnection>(Address);
	Known = Connection;
	Connection->Start();
	return Connection;
}

FRigcastConnection::FRigcastConnection(const FRigcastAddress& InAddress)
	: WantedAddress(InAddress)
	, SharedPlayer(MakeShared<rigcast::Player>())
	, SharedRecording(MakeShared<rigcast::Recording>())
	, Core(*SharedPlayer, FPlatformTime::Cycles64() | 1)
{
}

FRigcastConnection::~FRigcastConnection()
{
	FTSTicker::GetCoreTicker().RemoveTicker(TickHandle);
	CloseSocket();
	SharedPlayer->end();
}

void FRigcastConnection::Start()
{
	Core.start(ToCore(WantedAddress.Session));
	TickHandle = FTSTicker::GetCoreTicker().AddTicker(FTickerDelegate::CreateSP(this, &FRigcastConnection::Tick));
}

double FRigcastConnection::LocalUs()
{
	return FPlatformTime::Seconds() * 1e6;
}

bool FRigcastConnection::Tick(float)
{
	const double Now = LocalUs();
	Core.tick(Now);
	if (Core.takeClose())
	{
		CloseSocket();
	}
	if (Core.takeOpen())
	{
		OpenSocket();
	}
	std::string Bytes;
	while (Socket && Core.takeOutgoing(Bytes))
	{
		Socket->Send(Bytes.data(), Bytes.size(), true);
	}
	rigcast::Notice Notice;
	while (Core.takeNotice(Notice))
	{
		Tell(Notice);
	}
	if (!Core.sending())
	{
		Microphone.Reset();
	}
	bHasPose = SharedPlayer->sample(Now, LastPose);
	rigcast::Event Event;
	while (SharedPlayer->takeEvent(Event))
	{
		OnEvent.Broadcast(Event);
	}
	return true;
}

void FRigcastConnection::Tell(const rigcast::Notice& Notice)
{
	if (Notice.kind == rigcast::Notice::Kind::Trouble)
	{
		LastTrouble = ToUnreal(Notice.message);
	}
	OnNotice.Broadcast(Notice);
}

FString FRigcastConnection::Status() const
{
	const FString State = ToUnreal(rigcast::name(Core.state()));
	const bool bGood = Core.state() == rigcast::State::Live || LastTrouble.IsEmpty();
	return bGood ? State : State + TEXT(": ") + LastTrouble;
}

bool FRigcastConnection::StartMicrophone(const rigcast::AudioFormat& Format)
{
	if (Core.sending() || Core.state() != rigcast::State::Live)
	{
		return false;
	}
	const TSharedRef<FRigcastMicrophone> Device = MakeShared<FRigcastMicrophone>();
	if (!Device->Open(SharedRecording))
	{
		Tell({rigcast::Notice::Kind::Trouble, Core.state(), 0, 0, FRigcastMicrophone::WHY_NOT});
		return false;
	}
	Microphone = Device;
	return Core.startAudio(*SharedRecording, Format) != 0;
}

bool FRigcastConnection::SendAudio(const float* Samples, int32 Frames, int32 Channels, int32 SampleRate, const rigcast::AudioFormat& Format)
{
	if (Microphone.IsValid())
	{
		return false;
	}
	if (!Core.sending())
	{
		SharedRecording->begin(static_cast<std::uint32_t>(SampleRate));
		Core.startAudio(*SharedRecording, Format);
	}
	SharedRecording->record(Samples, static_cast<std::size_t>(Frames), static_cast<std::size_t>(Channels));
	return Core.sending();
}

void FRigcastConnection::StopAudio()
{
	Microphone.Reset();
	Core.endAudio();
}

void FRigcastConnection::OpenSocket()
{
	CloseSocket();
	TMap<FString, FString> Headers;
	if (!WantedAddress.Token.IsEmpty())
	{
		Headers.Add(TEXT("Authorization"), TEXT("Bearer ") + WantedAddress.Token);
	}
	Socket = FWebSocketsModule::Get().CreateWebSocket(WantedAddress.Url, ToUnreal(rigcast::PROTOCOL), Headers);
	Socket->OnConnected().AddSP(this, &FRigcastConnection::HandleConnected);
	Socket->OnConnectionError().AddSP(this, &FRigcastConnection::HandleConnectionError);
	Socket->OnClosed().AddSP(this, &FRigcastConnection::HandleClosed);
	Socket->OnBinaryMessage().AddSP(this, &FRigcastConnection::HandleBinary);
	Socket->Connect();
}

void FRigcastConnection::CloseSocket()
{
	if (!Socket)
	{
		return;
	}
	Socket->OnConnected().Clear();
	Socket->OnConnectionError().Clear();
	Socket->OnClosed().Clear();
	Socket->OnBinaryMessage().Clear();
	Socket->Close();
	Socket.Reset();
	Fragments.Reset();
}

void FRigcastConnection::HandleConnected()
{
	Core.opened();
}

void FRigcastConnection::HandleConnectionError(const FString& Error)
{
	const std::string Words = ToCore(Error);
	Core.closed(rigcast::handshakeCode(Words), Words, LocalUs());
}

void FRigcastConnection::HandleClosed(int32 Code, const FString& Reason, bool)
{
	Core.closed(Code, ToCore(Reason), LocalUs());
}

void FRigcastConnection::HandleBinary(const void* Data, SIZE_T Size, bool bIsLastFragment)
{
	Fragments.Append(static_cast<const uint8*>(Data), static_cast<int32>(Size));
	if (bIsLastFragment)
	{
		Core.received({Fragments.GetData(), static_cast<std::size_t>(Fragments.Num())}, LocalUs());
		Fragments.Reset();
	}
}

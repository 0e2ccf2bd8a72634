#include "RigcastLiveLinkSourceFactory.h"

#include "RigcastLiveLinkSource.h"
#include "Widgets/SWidget.h"

#define LOCTEXT_NAMESPACE "Rigcast"

FText URigcastLiveLinkSourceFactory::GetSourceDisplayName() const
{
	return LOCTEXT("SourceName", "Rigcast");
}

FText URigcastLiveLinkSourceFactory::GetSourceTooltip() const
{
	return LOCTEXT("SourceTooltip", "Face and body of a session of a Rigcast bridge");
}

URigcastLiveLinkSourceFactory::EMenuType URigcastLiveLinkSourceFactory::GetMenuType() const
{
	return PanelBuilder().IsBound() ? EMenuType::SubPanel : EMenuType::Disabled;
}

TSharedPtr<SWidget> URigcastLiveLinkSourceFactory::BuildCreationPanel(FOnLiveLinkSourceCreated OnLiveLinkSourceCreated) const
{
	return PanelBuilder().Execute(FRigcastAddressChosen::CreateLambda([OnLiveLinkSourceCreated](const FRigcastAddress& Address)
	{
		OnLiveLinkSourceCreated.ExecuteIfBound(MakeShared<FRigcastLiveLinkSource>(Address), Address.ToConnectionString());
	}));
}

TSharedPtr<ILiveLinkSource> URigcastLiveLinkSourceFactory::CreateSource(const FString& ConnectionString) const
{
	return MakeShared<FRigcastLiveLinkSource>(FRigcastAddress::FromConnectionString(ConnectionString));
}

FRigcastPanelBuilder& URigcastLiveLinkSourceFactory::PanelBuilder()
{
	static FRigcastPanelBuilder Builder;
	return Builder;
}

#undef LOCTEXT_NAMESPACE

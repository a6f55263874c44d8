from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reconcile", "0006_askers_and_decisions")]

    operations = [migrations.AlterField("extract", "table", models.CharField(max_length=20))]
